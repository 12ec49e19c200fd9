/// A table for people: columns as wide as their widest cell.
package struct TextTable: CustomStringConvertible {
    private var rows: [[String]]
    private var rightAligned: Set<Int> = []

    package init(_ header: [String]) { rows = [header] }

    package mutating func alignRight(_ columns: Int...) { rightAligned.formUnion(columns) }

    package mutating func add(_ row: [String]) { rows.append(row) }

    package var description: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return rightAligned.contains(column) ? gap + cell : cell + gap
            }
            return cells.joined(separator: "  ").replacing(/\s+$/, with: "")
        }.joined(separator: "\n")
    }

    /// 107080708 as "107,080,708".
    package static func grouped(_ number: Int) -> String {
        var digits = String(number)
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = String(digits.dropLast(3))
        }
        return ([Substring(digits)] + groups).joined(separator: ",")
    }
}
