/// The one order in which many values are added: neighbours first, then the sums of neighbours, and so on.
///
/// Any aligned run of a power of two of them is a branch of its own, so whoever adds a run gets the same bits.
package enum BinaryTree {
    /// Which value is added to which, one after the other; the sum ends up at place 0.
    package static func additions(_ count: Int) -> [(to: Int, from: Int)] {
        sequence(first: 1) { $0 * 2 }.prefix { $0 < count }.flatMap { step in
            stride(from: 0, to: count - step, by: 2 * step).map { (to: $0, from: $0 + step) }
        }
    }

    /// The sum of each column of rows of one length.
    package static func sum(_ rows: [[Double]]) -> [Double] {
        var rows = rows
        for (to, from) in additions(rows.count) { for i in rows[to].indices { rows[to][i] += rows[from][i] } }
        return rows.first ?? []
    }
}
