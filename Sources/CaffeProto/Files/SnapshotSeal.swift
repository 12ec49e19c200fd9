/// What both files of a whole snapshot are, written last of all; the field `two_tower.seal` at the end of a solverstate.
package struct SnapshotSeal: Equatable, Sendable {
    /// What a file, or a part of it, is known by.
    package struct Content: Equatable, Sendable {
        /// In bytes.
        package let size: UInt64
        package let checksum: UInt64

        package init(size: UInt64, checksum: UInt64) {
            self.size = size
            self.checksum = checksum
        }
    }

    /// The caffemodel.
    package let model: Content
    /// The solverstate up to its seal.
    package let state: Content

    package init(model: Content, state: Content) {
        self.model = model
        self.state = state
    }

    private static let fieldStart: [UInt8] = {
        let numbers = 32
        var seal = WireWriter()
        seal.tag(20, .lengthDelimited)
        seal.varint(UInt64(numbers))
        var field = WireWriter()
        field.tag(1001, .lengthDelimited)
        field.varint(UInt64(seal.bytes.count + numbers))
        return field.bytes + seal.bytes
    }()

    /// How many bytes a seal takes at the end of a solverstate: always as many.
    package static let length = fieldStart.count + 32

    /// The field of a `SolverState` that holds this seal and nothing else; protobuf joins it with the fields before.
    package var field: [UInt8] {
        var numbers = WireWriter()
        for number in [model.size, model.checksum, state.size, state.checksum] { numbers.fixed(number) }
        return Self.fieldStart + numbers.bytes
    }

    /// Reads what `field` gives; nil for anything else.
    init?(field bytes: [UInt8]) {
        guard bytes.count == Self.length, bytes.starts(with: Self.fieldStart) else { return nil }
        func number(_ index: Int) -> UInt64 {
            bytes.dropFirst(Self.fieldStart.count + 8 * index).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(
            model: Content(size: number(0), checksum: number(1)), state: Content(size: number(2), checksum: number(3)))
    }

    /// The seal at the end of a solverstate; nil when it ends otherwise, as Caffe's own do.
    ///
    /// - Throws: `CaffeFileError` when the file can't be read.
    package static func read(atEndOf path: String) throws(CaffeFileError) -> SnapshotSeal? {
        let file = try InputFile(path, as: .solverstate)
        guard file.size >= length else { return nil }
        return SnapshotSeal(field: try file.read(at: file.size - length, count: length))
    }
}
