import Comm
import Foundation

/// Whether each host has the definitions, lists and images, and the same as the others.
package enum InputExamination {
    /// One rank of each host looks; empty on all ranks but rank zero.
    ///
    /// Collective.
    ///
    /// - Returns: what each host found, with its name, in the order of their first ranks.
    static func measure(
        _ request: DoctorRequest, over communicator: any Communicator
    ) throws -> [(host: String, facts: InputFacts)] {
        let isLeader = communicator.localRank == 0
        let mine = isLeader ? InputFacts({ try Definitions(request) }, options: request.options) : nil
        let bytes = try mine.map { [UInt8](try JSONEncoder().encode($0)) } ?? []
        return try zip(communicator.hosts, communicator.gather(bytes)).filter { !$1.isEmpty }.map { host, bytes in
            (host, try JSONDecoder().decode(InputFacts.self, from: Data(bytes)))
        }
    }

    private static let copy =
        "copy it there (deploy/sync HOSTFILE --data FOLDER), or share the folder between the hosts"

    package static func examine(_ hosts: [(host: String, facts: InputFacts)]) -> Section {
        var section = Section("Lists and images")
        for (host, facts) in hosts {
            if let error = facts.error {
                section.findings.append(.problem("definition", on: host, error, mend: "mend the file, or \(copy)"))
            }
        }
        let readers = hosts.filter { $0.facts.error == nil }
        for number in readers.first?.facts.phases.indices ?? 0..<0 {
            let phases = readers.compactMap { host, facts in
                facts.phases.indices.contains(number) ? (host: host, phase: facts.phases[number]) : nil
            }
            section.findings += examine(phases)
        }
        return section
    }

    private typealias HostPhase = (host: String, phase: InputFacts.Phase)

    private static func examine(_ phases: [HostPhase]) -> [Finding] {
        let check = phases[0].phase.name
        var findings: [Finding] = phases.compactMap { host, phase in
            phase.error.map { .problem(check, on: host, $0, mend: "mend the list, or \(copy)") }
        }
        findings += phases.compactMap { host, phase in
            guard let first = phase.missing.first else { return nil }
            let more = phase.missing.count > 1 ? "\n" + phase.missing.dropFirst().joined(separator: "\n") : ""
            return .problem(
                check, on: host, "images are missing: \(first)\(more)", mend: "\(copy); or --root-folder is wrong")
        }
        let readable = phases.filter { $0.phase.error == nil }
        let usual = mostCommon(readable.map(\.phase.fingerprint))
        guard let reference = readable.first(where: { $0.phase.fingerprint == usual }) else { return findings }
        for other in readable where other.phase.fingerprint != usual {
            findings.append(
                .problem(
                    check, on: other.host,
                    "its \(other.phase.files.joined(separator: " and ")) differ from \(reference.host)'s "
                        + difference(other.phase, reference.phase),
                    mend: copy))
        }
        findings += images(check, readable.filter { $0.phase.fingerprint == usual })
        if findings.isEmpty {
            let phase = reference.phase
            let sampled = phase.samples.isEmpty ? "" : "; \(phase.samples.count) sampled images are"
            let everywhere = phases.count > 1 ? "\(sampled) the same on \(phases.count) hosts" : ""
            findings = [.ok(check, "\(phase.files.joined(separator: " and ")): \(phase.count) pairs\(everywhere)")]
        }
        return findings
    }

    /// Where two lists begin to differ.
    private static func difference(_ phase: InputFacts.Phase, _ reference: InputFacts.Phase) -> String {
        if phase.count != reference.count { return "(\(phase.count) lines for \(reference.count))" }
        guard let at = zip(phase.prefixes, reference.prefixes).enumerated().first(where: { $1.0 != $1.1 })?.offset
        else { return "" }
        let ends = [0] + InputFacts.ends(count: phase.count)
        let (first, last) = (ends[at] + 1, ends[at + 1])
        return first == last ? "at line \(first)" : "between lines \(first) and \(last)"
    }

    /// Whether the sampled images are the same files.
    private static func images(_ check: String, _ phases: [HostPhase]) -> [Finding] {
        guard let count = phases.first?.phase.samples.count, count > 0 else { return [] }
        let usual = (0..<count).map { index in
            mostCommon(phases.map { $0.phase.samples[index].hash }.filter { $0 != 0 })
        }
        return phases.compactMap { host, phase in
            let wrong = phase.samples.indices.filter {
                phase.samples[$0].hash != 0 && phase.samples[$0].hash != usual[$0]
            }
            guard let first = wrong.first else { return nil }
            return .problem(
                check, on: host,
                "\(wrong.count) of \(count) sampled images are other files than on the other hosts, the first "
                    + phase.samples[first].place, mend: copy)
        }
    }

    /// Of several that are as common the first.
    private static func mostCommon(_ values: [UInt64]) -> UInt64? {
        let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.values.max()
        return values.first { counts[$0] == most }
    }
}
