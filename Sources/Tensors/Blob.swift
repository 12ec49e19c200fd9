package import Foundation

/// What layers hand to each other: values ("data") and their gradient ("diff"), both of one shape and layout.
///
/// A class, since towers that share weights and layers that work in place share blobs by identity.
@safe package final class Blob: CustomStringConvertible {
    package let name: String
    package private(set) var shape: Shape
    package private(set) var layout: Layout
    private var dataStorage: FloatStorage
    private var diffStorage: FloatStorage?

    package init(name: String = "", _ shape: Shape = [0], layout: Layout = .plain) {
        self.name = name
        self.shape = shape
        self.layout = layout
        dataStorage = FloatStorage(count: layout.storageCount(of: shape))
    }

    /// A plain blob over slices of larger storages (`ParameterStore`); without a diff where none is given.
    package init(name: String, _ shape: Shape, data: FloatStorage, diff: FloatStorage?) {
        precondition(data.count == shape.count && diff?.count ?? shape.count == shape.count, "storage for \(shape)")
        self.name = name
        self.shape = shape
        layout = .plain
        dataStorage = data
        diffStorage = diff
    }

    package convenience init(name: String = "", _ shape: Shape, values: [Float]) {
        self.init(name: name, shape)
        copyData(from: values)
    }

    /// How many values the blob has (in a blocked layout the storage holds padding beside them).
    package var count: Int { shape.count }

    /// How many floats its storage has.
    package var storageCount: Int { layout.storageCount(of: shape) }

    package var description: String { "\(name) \(shape)\(layout == .plain ? "" : ", \(layout)")" }

    /// Gives the blob a shape and layout, at set-up only; values are zero afterwards if the size changed.
    ///
    /// - Throws: `ShapeError` where a blob can't have so many values.
    package func reshape(_ shape: Shape, layout: Layout = .plain) throws(ShapeError) {
        try shape.checkCount()
        guard FloatStorage.hasRoom(for: layout.storageCount(of: shape)) else {
            throw ShapeError(shape: shape, problem: "is larger than what this process may have of memory")
        }
        self.shape = shape
        self.layout = layout
        if dataStorage.count != storageCount {
            dataStorage = FloatStorage(count: storageCount)
            if diffStorage != nil { diffStorage = FloatStorage(count: storageCount) }
        }
    }

    // MARK: Sharing

    /// Takes the other blob's data as its own, without a copy (Split, Flatten, weights of a test net).
    package func shareData(of other: Blob) {
        precondition(storageCount == other.storageCount, "\(self) can't share the data of \(other)")
        dataStorage = other.dataStorage
    }

    /// Takes the other blob's diff as its own, without a copy.
    package func shareDiff(of other: Blob) {
        precondition(storageCount == other.storageCount, "\(self) can't share the diff of \(other)")
        diffStorage = other.diffStorage
    }

    /// What a blob has of its own memory, or shares.
    package enum Part { case data, diff }

    /// The storage in which the part lies, the same for blobs that share it.
    package func identity(of part: Part) -> ObjectIdentifier { ObjectIdentifier(storage(of: part)) }

    /// The memory in which the part lies, which may be that of many blobs; its floats are those of all.
    package func memory(of part: Part) -> FloatStorage { storage(of: part).owner }

    /// Lets the part lie at the start of another storage, at set-up, whose values become its own.
    package func move(_ part: Part, into storage: FloatStorage) {
        let slice = FloatStorage(sliceOf: storage, offset: 0, count: storageCount)
        switch part {
        case .data: dataStorage = slice
        case .diff: diffStorage = slice
        }
    }

    private func storage(of part: Part) -> FloatStorage {
        switch part {
        case .data: dataStorage
        case .diff: diff
        }
    }

    // MARK: Values

    package var hasDiff: Bool { diffStorage != nil }

    /// Makes room for the gradient, at set-up; without it the blob has data only.
    package func allocateDiff() {
        if diffStorage == nil { diffStorage = FloatStorage(count: storageCount) }
    }

    private var diff: FloatStorage {
        guard let diffStorage else { preconditionFailure("blob \(self) has no diff") }
        return diffStorage
    }

    package func withData<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        try dataStorage.withSpan(body)
    }

    package func withMutableData<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R {
        try dataStorage.withMutableSpan(body)
    }

    package func withDiff<R, E: Error>(_ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        try diff.withSpan(body)
    }

    package func withMutableDiff<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R {
        try diff.withMutableSpan(body)
    }

    /// For calls into C only.
    @unsafe package var dataPointer: UnsafeMutablePointer<Float> { unsafe dataStorage.pointer }

    /// For calls into C only.
    @unsafe package var diffPointer: UnsafeMutablePointer<Float> { unsafe diff.pointer }

    // MARK: Whole copies, for set-up, files and tests

    /// The data in the order of the storage (for a plain blob: Caffe's order).
    package var dataArray: [Float] { withData { span in span.indices.map { span[$0] } } }

    /// The data as bytes for a file, not copied.
    package var dataBytes: Data { dataStorage.bytes(0..<storageCount) }

    /// The diff in the order of the storage.
    package var diffArray: [Float] { withDiff { span in span.indices.map { span[$0] } } }

    package func copyData(of other: Blob) {
        precondition(storageCount == other.storageCount, "\(self) can't copy \(other)")
        other.withData { source in
            withMutableData { target in for index in source.indices { target[index] = source[index] } }
        }
    }

    package func copyData(from values: [Float]) {
        precondition(values.count == storageCount, "\(values.count) values for \(self)")
        withMutableData { span in for index in values.indices { span[index] = values[index] } }
    }

    package func copyDiff(from values: [Float]) {
        precondition(values.count == storageCount, "\(values.count) values for the diff of \(self)")
        withMutableDiff { span in for index in values.indices { span[index] = values[index] } }
    }
}

extension Blob {
    /// Gives the data a filler's values.
    package func fillData(_ filler: Filler, random: Random) {
        filler.fill(dataStorage, shape: shape, random: random)
    }
}
