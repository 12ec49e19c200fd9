/// Something that must be the same on all ranks.
package struct Fact: Codable, Equatable, Sendable {
    /// What it is: "the solver".
    package let name: String
    /// What is compared, of one line or many.
    package let value: String
    /// What may differ, but helps to find a rank's own: a path.
    package var detail = ""
    /// What to do where it is not the same.
    package let advice: String

    package init(_ name: String, _ value: String, detail: String = "", advice: String) {
        self.name = name
        self.value = value
        self.detail = detail
        self.advice = advice
    }
}

/// Ranks that do not agree: on what, which rank it is, what it has, and what most have.
package struct DisagreementError: Error, Equatable, CustomStringConvertible {
    package let description: String

    /// What the first fact is that some rank has otherwise than most; nil where ranks agree.
    ///
    /// - Parameters:
    ///   - facts: of each rank; one that some ranks lack (a weight of the other tower) is compared among the rest.
    ///   - hosts: their names.
    package init?(_ facts: [[Fact]], hosts: [String]) {
        var names: [String] = []
        for fact in facts.joined() where !names.contains(fact.name) { names.append(fact.name) }
        let differing = names.lazy.compactMap { name in
            Difference(facts.map { $0.first { $0.name == name } })
        }.first
        guard let differing else { return nil }
        description = differing.sentence(hosts: hosts)
    }

    /// One fact of all ranks, which differs.
    private struct Difference {
        /// By rank; nil where a rank lacks it.
        private let facts: [Fact?]
        private let majority: Fact
        /// The ranks that have it otherwise, the lowest first.
        private let others: [Int]

        init?(_ facts: [Fact?]) {
            let groups = Dictionary(grouping: facts.compactMap(\.self), by: \.value)
            // Of equally many those of the lowest rank, since the others got their start from it.
            let most = groups.values.map(\.count).max() ?? 0
            guard groups.count > 1,
                let majority = facts.lazy.compactMap(\.self).first(where: {
                    groups[$0.value]?.count == most
                })
            else { return nil }
            self.facts = facts
            self.majority = majority
            others = facts.indices.filter { facts[$0].map { $0.value != majority.value } ?? false }
        }

        func sentence(hosts: [String]) -> String {
            guard let first = others.first, let fact = facts[first] else {
                preconditionFailure("a difference of nobody")
            }
            let count = facts.count { $0?.value == majority.value }
            let more = others.count > 1 ? " (and \(others.count - 1) more that have it otherwise)" : ""
            let (mine, theirs) = Self.firstDifference(fact.value, majority.value)
            return """
                ranks do not agree on \(fact.name): rank \(first) (\(hosts[first]))\(more) has
                    \(mine)\(fact.detail.isEmpty ? "" : "  (\(fact.detail))")
                where \(count) rank\(count == 1 ? " has" : "s have")
                    \(theirs)\(majority.detail.isEmpty ? "" : "  (\(majority.detail))")
                \(fact.advice)
                """
        }

        /// The first line in which texts differ, after the last name that stands before it.
        private static func firstDifference(_ a: String, _ b: String) -> (String, String) {
            let (a, b) = (a.split(separator: "\n"), b.split(separator: "\n"))
            let at = zip(a, b).prefix { $0 == $1 }.count
            let name = a[..<at].last { $0.contains("name: ") }.map { "… \($0.trimmed) … " } ?? ""
            func line(_ lines: [Substring]) -> String { name + (at < lines.count ? lines[at].trimmed : "nothing more") }
            return (line(a), line(b))
        }
    }
}

extension Substring {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
