extension SnapshotSeal {
    /// How many bytes a seal takes at the end of a solverstate: always as many.
    package static let length = SnapshotSeal().field.count

    /// The field of a `SolverState` that holds this seal and nothing else; protobuf joins it with the fields before.
    package var field: [UInt8] {
        var numbers = WireWriter()
        for (number, value) in [modelSize, modelChecksum, stateSize, stateChecksum].enumerated() {
            numbers.tag(number + 1, .fixed64)
            numbers.fixed(value)
        }
        var state = WireWriter()
        state.tag(20, .lengthDelimited)
        state.lengthDelimited(numbers.bytes)
        var field = WireWriter()
        field.tag(1001, .lengthDelimited)
        field.lengthDelimited(state.bytes)
        return field.bytes
    }

    /// Reads what `field` gives; nil when one bit of it is otherwise.
    init?(field bytes: [UInt8]) {
        self.init()
        guard bytes.count == Self.length else { return nil }
        let numbers = (0..<4).map { index in
            let end = bytes.count - 9 * (3 - index)
            return bytes[end - 8..<end].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        }
        (modelSize, modelChecksum, stateSize, stateChecksum) = (numbers[0], numbers[1], numbers[2], numbers[3])
        if field != bytes { return nil }
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
