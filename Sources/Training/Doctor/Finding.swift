/// How an examination ends.
package enum Verdict: String, Codable, Comparable, Sendable {
    case ok, warning, problem

    private var rank: Int {
        switch self {
        case .ok: 0
        case .warning: 1
        case .problem: 2
        }
    }

    package static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }
}

/// One thing that was looked at, and what mends it if it is not as it should be.
package struct Finding: Codable, Equatable, Sendable {
    /// What was looked at, in a word or two.
    package let check: String
    package let verdict: Verdict
    /// The host; "" where it is about all of them.
    package let host: String
    package let found: String
    /// A command to run, a line of a hostfile, an option; nil where all is well.
    package let remedy: String?

    private init(_ check: String, _ verdict: Verdict, _ host: String, _ found: String, _ remedy: String?) {
        self.check = check
        self.verdict = verdict
        self.host = host
        self.found = found
        self.remedy = remedy
    }

    package static func ok(_ check: String, on host: String = "", _ found: String) -> Finding {
        Finding(check, .ok, host, found, nil)
    }

    /// Works, but is slow, fragile, or probably not meant.
    package static func warning(_ check: String, on host: String = "", _ found: String, mend: String) -> Finding {
        Finding(check, .warning, host, found, mend)
    }

    /// A training would fail, or not do what it should.
    package static func problem(_ check: String, on host: String = "", _ found: String, mend: String) -> Finding {
        Finding(check, .problem, host, found, mend)
    }
}

/// What one examination shows: perhaps a table, and its findings.
package struct Section: Sendable {
    package let title: String
    package var table: TextTable?
    package var findings: [Finding]

    package init(_ title: String, table: TextTable? = nil, findings: [Finding] = []) {
        self.title = title
        self.table = table
        self.findings = findings
    }
}

extension [Finding] {
    package var verdict: Verdict { map(\.verdict).max() ?? .ok }
}
