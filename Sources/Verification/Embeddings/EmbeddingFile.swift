/// Embeddings in a .npy file (float32, N × d, row by row), mapped into memory: who looks at some rows reads these only.
///
/// Any number of threads may read; the file must not be cut meanwhile, and isn't by an `EmbeddingWriter`, which gives
/// its file the name when it is whole.
@safe package final class EmbeddingFile: @unchecked Sendable {
    package let path: String
    /// How many embeddings there are; at least one.
    package let count: Int
    /// The numbers of one embedding; at least one.
    package let length: Int
    private let file: MappedFile
    private let rows: UnsafePointer<Float>

    package init(_ path: String) throws(EmbeddingError) {
        func fault(_ problem: String) -> EmbeddingError { EmbeddingError(path: path, problem: problem) }
        let file = try MappedFile(path)
        let header: NpyHeader
        do throws(NpyHeader.Malformed) {
            header = try unsafe NpyHeader(Span(_unsafeBytes: file.bytes))
        } catch {
            throw fault(error.problem)
        }
        let shape = header.shape
        guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
            let found = shape.map(String.init).joined(separator: " × ")
            throw fault("expected N × d, a row for each embedding, found \(found.isEmpty ? "one number" : found)")
        }
        let (values, isTooMany) = shape[0].multipliedReportingOverflow(by: shape[1])
        let (bytes, isTooLong) = values.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        let there = unsafe file.bytes.count - header.start
        guard !isTooMany, !isTooLong, bytes == there else {
            let wanted = isTooMany || isTooLong ? "too many" : "\(bytes)"
            throw fault(
                "its head says \(shape[0]) × \(shape[1]), \(wanted) bytes, where \(there) follow; was it copied whole?")
        }
        guard header.start.isMultiple(of: 4) else {
            throw fault("its values begin at byte \(header.start), no multiple of 4; save it with numpy.save")
        }
        self.path = path
        count = shape[0]
        length = shape[1]
        self.file = file
        unsafe rows = (file.bytes.baseAddress.unsafelyUnwrapped + header.start).bindMemory(
            to: Float.self, capacity: values)
    }

    /// Some rows, one after the other, where they lie.
    package func withRows<R, E: Error>(_ range: Range<Int>, _ body: (Span<Float>) throws(E) -> R) throws(E) -> R {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
        return try unsafe body(Span(_unsafeStart: rows + range.lowerBound * length, count: range.count * length))
    }

    /// A copy of some rows.
    package func array(_ range: Range<Int>) -> [Float] {
        withRows(range) { rows in unsafe rows.withUnsafeBufferPointer { unsafe Array($0) } }
    }
}
