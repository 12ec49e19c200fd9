import Foundation
import Pairs
import TestSupport
import Testing

struct IdentitySplitTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("split") }

    private func split(
        _ table: ImageTable, _ shares: SplitShares = .usual, _ lists: [IdentitySplit.List] = [], seed: UInt64 = 1
    ) throws -> IdentitySplit {
        try IdentitySplit(table, shares, lists: lists, seed: seed)
    }

    /// Largest remainders; of equal ones the earlier split's.
    @Test(arguments: [
        ("a=0.8,b=0.1,c=0.1", 40, [32, 4, 4]), ("a=0.8,b=0.1,c=0.1", 17, [13, 2, 2]), ("a=1,b=1,c=1", 8, [3, 3, 2]),
        ("a=0.8,b=0.1,c=0.1", 4, [3, 1, 0]), ("a=3,b=1", 6, [5, 1]),
    ])
    func counts(shares: String, total: Int, expected: [Int]) throws {
        #expect(try SplitShares(shares).counts(of: total) == expected)
    }

    @Test func everyIdentityIsInOneSplit() throws {
        let table = try ImageTable.made([Int](repeating: 1, count: 103))
        for seed in 1...20 as ClosedRange<UInt64> {
            let parts = try split(table, seed: seed).parts
            #expect(parts.map(\.name) == ["train", "val", "test"])
            #expect(parts.map(\.identities.count) == [83, 10, 10])
            #expect(parts.flatMap(\.identities).sorted() == Array(0..<103))
        }
    }

    @Test func theSeedDecides() throws {
        let table = try ImageTable.made([Int](repeating: 1, count: 103))
        #expect(try split(table).parts == split(table).parts)
        #expect(try split(table).parts != split(table, seed: 2).parts)
    }

    /// With one more identity, hardly any changes its split.
    @Test func furtherIdentitiesChangeLittle() throws {
        let before = try split(try ImageTable.made([Int](repeating: 1, count: 200)))
        let table = try ImageTable.made([Int](repeating: 1, count: 201))
        let after = try split(table)
        func names(_ split: IdentitySplit, _ part: Int, _ count: Int) throws -> Set<String> {
            let table = try ImageTable.made([Int](repeating: 1, count: count))
            return Set(split.parts[part].identities.map { table.name(ofIdentity: $0) })
        }
        for part in 0..<3 {
            #expect(try names(before, part, 200).subtracting(names(after, part, 201)).count <= 2)
        }
    }

    @Test func listsComeFirst() throws {
        let table = try ImageTable.made([Int](repeating: 1, count: 50))
        let file = try scratch.write("test.txt", "p7\r\np3\n\np9")
        let parts = try split(table, SplitShares("train=4,val=1"), [.init(split: "test", file: file)]).parts
        #expect(parts.map(\.name) == ["train", "val", "test"])
        #expect(parts[2].identities.map { table.name(ofIdentity: $0) }.sorted() == ["p3", "p7", "p9"])
        #expect(parts.flatMap(\.identities).sorted() == Array(0..<50))
        let alone = try split(table, .none, [.init(split: "test", file: file)])
        #expect(alone.parts.map(\.identities.count) == [3])
        #expect(alone.leftOut == 47)
    }

    @Test func leaksBetweenLists() throws {
        let table = try ImageTable.made([1, 1, 1, 1])
        let first = try scratch.write("a.txt", "p1\np2\n")
        let second = try scratch.write("b.txt", "p0\np2\n")
        let error = #expect(throws: MakingError.self) {
            try split(table, .none, [.init(split: "train", file: first), .init(split: "test", file: second)])
        }
        #expect(
            error?.description
                == "a leak between splits: \(first):2 (train) and \(second):2 (test) both name identity p2; take it out of one"
        )
        // Two lists of one split may share it.
        let both = try split(table, .none, [.init(split: "t", file: first), .init(split: "t", file: second)])
        #expect(both.parts.map(\.identities) == [[0, 1, 2]])
    }

    @Test func faults() throws {
        let table = try ImageTable.made([1, 1])
        let file = try scratch.write("a.txt", "p1\nq\n")
        #expect(throws: MakingError.unknownIdentity(place: "\(file):2", identity: "q", source: "made")) {
            try split(table, .none, [.init(split: "test", file: file)])
        }
        #expect(throws: MakingError.emptySplit("val", identities: 2)) { try split(table) }
        for text in ["", "train", "train=0", "train=x", "a=1,a=2", "a_b=1", "a=1,", "=1", "a=inf"] {
            #expect(throws: MakingError.self, "\(text)") { try SplitShares(text) }
        }
    }
}
