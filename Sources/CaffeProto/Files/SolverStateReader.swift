/// Reads a solverstate; its history comes blob by blob, so that a large one is never held as a whole.
package struct SolverStateReader {
    private static let history = 3

    private let index: MessageIndex
    /// Everything but the history.
    package let header: SolverState

    /// Opens a file and checks its outer structure to the end, without reading a value of the history.
    ///
    /// - Throws: `CaffeFileError`.
    package init(_ path: String) throws(CaffeFileError) {
        index = try MessageIndex(path, as: .solverstate, large: [Self.history])
        header = try index.decodeRest()
    }

    /// How many history blobs the file has.
    package var historyCount: Int { index.entries.count }

    /// One history blob, numbered from 0 in the order of the file.
    ///
    /// - Throws: `CaffeFileError` when it is damaged.
    package func history(_ number: Int) throws(CaffeFileError) -> BlobProto {
        try index.decode(index.entries[number])
    }
}
