package import Foundation

/// All that the doctor has to say, on rank zero.
package struct DoctorReport: Sendable, CustomStringConvertible {
    package let sections: [Section]
    package let ranks: [RankFacts]
    package let memory: MemoryDemand?
    package let network: NetworkFigures?

    package var findings: [Finding] { sections.flatMap(\.findings) }
    package var verdict: Verdict { findings.verdict }

    package var description: String {
        (sections.map(Self.text) + [summary]).joined(separator: "\n\n")
    }

    private var summary: String {
        let counts = [Verdict.problem, .warning].map { verdict in findings.count { $0.verdict == verdict } }
        return "\(counts[0]) problem(s), \(counts[1]) warning(s), \(findings.count - counts[0] - counts[1]) ok"
    }

    private static func text(_ section: Section) -> String {
        var parts = ["== \(section.title)"]
        if let table = section.table { parts.append(table.description) }
        let width = section.findings.map(\.check.count).max() ?? 0
        parts += section.findings.map { finding in
            let check = finding.check + String(repeating: " ", count: width - finding.check.count)
            let word = finding.verdict.rawValue + String(repeating: " ", count: 7 - finding.verdict.rawValue.count)
            let indent = String(repeating: " ", count: 11 + width)
            let host = finding.host.isEmpty ? "" : "\(finding.host): "
            let found = (host + finding.found).replacing("\n", with: "\n" + indent)
            return "\(word)  \(check)  \(found)" + (finding.remedy.map { "\n\(indent)mend: \($0)" } ?? "")
        }
        return parts.joined(separator: "\n")
    }

    /// A JSON object with the verdict, the findings, and the figures behind them.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(
            Encoded(verdict: verdict, findings: findings, ranks: ranks, memory: memory, network: network))
    }

    private struct Encoded: Encodable {
        let verdict: Verdict
        let findings: [Finding]
        let ranks: [RankFacts]
        let memory: MemoryDemand?
        let network: NetworkFigures?
    }
}
