import Foundation
import Tensors

extension ImageRows {
    /// A table's rows, and what its views are called.
    struct Table {
        var rows: ImageRows
        /// The two values of the column of views, the first of which is view 1; empty without that column.
        var views: [String] = []
    }

    /// Reads a table with the columns path, identity and perhaps view.
    ///
    /// A first line that names its columns so is a header, and other columns are passed over; without one the columns
    /// stand in this order. Relative paths begin at the working directory, else beside the table. The lesser value of the column of views, byte by byte, is view 1.
    ///
    /// - Parameter findsFiles: whether files are looked up; else paths stay as they are.
    static func table(_ file: String, findsFiles: Bool) throws(MakingError) -> Table {
        let buffer = FileBuffer()
        do {
            try buffer.read([file])
        } catch {
            throw .unreadable(what: "table", path: file, reason: error.reason)
        }
        var reader = TableReader(DelimitedText(buffer.prefix()), file: file, findsFiles: findsFiles)
        return try reader.read()
    }
}

/// Reads one table.
private struct TableReader {
    private var text: DelimitedText
    private let file: String
    private var rows: ImageRows
    /// Which column holds what.
    private var columns: (path: Int, identity: Int, view: Int?) = (0, 1, nil)
    private var width = 0
    /// The values of the column of views as they came.
    private var views: [[UInt8]] = []

    /// How files are looked up; nil where they are not.
    private let search: PathSearch?

    init(_ text: DelimitedText, file: String, findsFiles: Bool) {
        (self.text, self.file) = (text, file)
        search = findsFiles ? PathSearch(baseDirectory: file.pathFolder) : nil
        rows = ImageRows(source: file)
    }

    mutating func read() throws(MakingError) -> ImageRows.Table {
        guard try next() else { throw .noImages(source: file) }
        width = text.values.count
        if let header = try header() {
            columns = header
        } else {
            try checkWidth()
            columns.view = width == 3 ? 2 : nil
            try addRow()
        }
        while try next() { try addRow() }
        guard rows.count > 0 else { throw .noImages(source: file) }
        guard columns.view != nil else { return .init(rows: rows) }
        guard views.count == 2 else {
            throw .malformed(
                place: file, problem: "the column view has one value only; give two, or leave the column out")
        }
        let isSorted = views[0].lexicographicallyPrecedes(views[1])
        if !isSorted { rows.swapViews() }
        return .init(
            rows: rows, views: (isSorted ? views : views.reversed()).map { String(decoding: $0, as: UTF8.self) })
    }

    private mutating func next() throws(MakingError) -> Bool {
        do {
            return try text.next()
        } catch {
            throw .malformed(place: "\(file):\(error.line)", problem: error.problem)
        }
    }

    /// Which column holds what, if the row names columns.
    private func header() throws(MakingError) -> (path: Int, identity: Int, view: Int?)? {
        let names = text.values.map { String(decoding: $0, as: UTF8.self).lowercased() }
        func column(_ known: Set<String>) -> Int? { names.firstIndex(where: known.contains) }
        let path = column(["path", "file", "filename", "image"])
        let identity = column(["identity", "id", "person", "subject", "class", "label"])
        guard let path, let identity else { return nil }
        return (path, identity, column(["view", "tower"]))
    }

    private func checkWidth() throws(MakingError) {
        guard width == 2 || width == 3 else {
            throw .malformed(
                place: "\(file):\(text.line)",
                problem: """
                    found \(width) column\(width == 1 ? "" : "s"), expected path, identity and perhaps view, with \
                    \(text.hasCommas ? "commas" : "tabs") between; a table with others needs a first line with these names
                    """)
        }
    }

    private mutating func addRow() throws(MakingError) {
        guard text.values.count == width else {
            throw .malformed(
                place: "\(file):\(text.line)",
                problem:
                    "\(text.values.count) column\(text.values.count == 1 ? "" : "s"), where the first line has \(width)"
            )
        }
        var view = 0
        if let column = columns.view { view = try self.view(column) }
        try rows.add(path: found(), identity: text.values[columns.identity], view: view, line: text.line)
    }

    /// The row's path, where there is a file.
    private func found() throws(MakingError) -> [UInt8] {
        let given = text.values[columns.path]
        guard let search, !given.isEmpty else { return given }
        let path = String(decoding: given, as: UTF8.self)
        guard let found = search.find(path) else {
            throw .missing(place: "\(file):\(text.line)", path: path + search.places(path))
        }
        return Array(found.utf8)
    }

    /// The number of the row's view, in the order in which they came.
    private mutating func view(_ column: Int) throws(MakingError) -> Int {
        let value = text.values[column]
        if let known = views.firstIndex(of: value) { return known }
        guard views.count < 2, !value.isEmpty else {
            let names = views.map { "\"\(String(decoding: $0, as: UTF8.self))\"" }.joined(separator: " and ")
            throw .malformed(
                place: "\(file):\(text.line)",
                problem: value.isEmpty
                    ? "no view" : "a third view \"\(String(decoding: value, as: UTF8.self))\" beside \(names)")
        }
        views.append(value)
        return views.count - 1
    }
}
