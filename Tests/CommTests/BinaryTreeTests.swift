import Comm
import Testing

@Suite struct BinaryTreeTests {
    @Test func addsNeighboursFirst() {
        func text(_ count: Int) -> [String] { BinaryTree.additions(count).map { "\($0.to)+\($0.from)" } }
        #expect(text(1).isEmpty)
        #expect(text(4) == ["0+1", "2+3", "0+2"])
        #expect(text(7) == ["0+1", "2+3", "4+5", "0+2", "4+6", "0+4"])
    }

    /// Numbers whose sum depends on the order of additions.
    private static func rows(_ count: Int) -> [[Double]] {
        (0..<count).map { row in
            (0..<20).map { column in
                let mixed = (row * 7919 + column * 104_729) % 1009
                return Double(mixed - 500) * (mixed.isMultiple(of: 2) ? 1e17 : 0.1)
            }
        }
    }

    @Test func addsEachColumn() {
        #expect(BinaryTree.sum([[1, 10], [2, 20], [4, 40]]) == [7, 70])
        #expect(BinaryTree.sum([]).isEmpty)
    }

    @Test(arguments: [1, 2, 4, 8, 16])
    func alignedRunsAreBranches(run: Int) {
        let rows = Self.rows(16)
        let branches = stride(from: 0, to: 16, by: run).map { BinaryTree.sum(Array(rows[$0..<$0 + run])) }
        #expect(BinaryTree.sum(branches) == BinaryTree.sum(rows))
    }

    /// One after the other they would vanish in the first: 2⁵³ + 1 is no Double.
    @Test func neighboursComeFirst() {
        #expect(BinaryTree.sum([[9_007_199_254_740_992], [1], [1], [1]]) == [9_007_199_254_740_994])
    }
}
