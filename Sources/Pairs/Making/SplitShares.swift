/// The splits that identities are shared out to, and each one's share: "train=0.8,val=0.1,test=0.1".
package struct SplitShares: Equatable, Sendable {
    package struct Share: Equatable, Sendable {
        package let name: String
        /// A weight: the shares need not add up to one.
        package let share: Double
    }

    package private(set) var shares: [Share]

    /// What is shared out where nothing else is said.
    package static let usual = SplitShares(shares: [
        Share(name: "train", share: 0.8), Share(name: "val", share: 0.1), Share(name: "test", share: 0.1),
    ])

    /// None: every identity that is in no list stays out.
    package static let none = SplitShares(shares: [])

    private init(shares: [Share]) { self.shares = shares }

    package init(_ text: String) throws(MakingError) {
        shares = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let share = Double(sides[1]), share > 0, share.isFinite else {
                throw .shares(text, problem: "\"\(part)\" is no split with a share above zero")
            }
            let name = String(sides[0])
            if let problem = Self.problem(name: name) { throw .shares(text, problem: problem) }
            guard !shares.contains(where: { $0.name == name }) else {
                throw .shares(text, problem: "the split \(name) comes twice")
            }
            shares.append(Share(name: name, share: share))
        }
    }

    /// Why a split can't be called so; names of files are made of it.
    package static func problem(name: String) -> String? {
        let isPlain = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf)
        }
        return isPlain && !name.isEmpty ? nil : "a split is called by letters, digits and hyphens, found \"\(name)\""
    }

    /// The same without some splits.
    package func without(_ names: [String]) -> SplitShares {
        SplitShares(shares: shares.filter { !names.contains($0.name) })
    }

    /// How many of some identities each split gets: by largest remainders, of equal ones the earlier split's.
    package func counts(of total: Int) -> [Int] {
        let sum = shares.reduce(0) { $0 + $1.share }
        let exact = shares.map { Double(total) * $0.share / sum }
        var counts = exact.map { Int($0.rounded(.down)) }
        let remainders = shares.indices.sorted {
            let (a, b) = (exact[$0] - Double(counts[$0]), exact[$1] - Double(counts[$1]))
            return a == b ? $0 < $1 : a > b
        }
        for split in remainders.prefix(max(0, total - counts.reduce(0, +))) { counts[split] += 1 }
        return counts
    }
}
