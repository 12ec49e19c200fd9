import Comm

/// Whether all hosts compute alike, with the same program and the same libraries.
package enum ProcessorExamination {
    package static func examine(_ job: JobFacts) -> Section {
        var table = TextTable(["host", "processor", "oneDNN computes with", "OpenBLAS's kernels", "governor"])
        for host in job.hosts {
            let facts = host.ranks[0]
            table.add([
                host.name, host.facts.processor, facts.instructionSet, facts.core, host.facts.governor ?? "unknown",
            ])
        }
        return Section("Processors and programs", table: table, findings: processors(job) + limits(job) + versions(job))
    }

    private static func processors(_ job: JobFacts) -> [Finding] {
        let kinds = [
            ("processors", "kinds", job.hosts.map(\.facts.processor)),
            ("instruction sets", "instruction sets", job.hosts.map { $0.ranks[0].instructionSet }),
        ]
        let findings = kinds.compactMap { check, what, values in
            differing(job, values).map { found in
                Finding.warning(
                    check,
                    "hosts have several \(what): \(found); the slowest sets the pace, the last bits of results differ, "
                        + "and the exchange of factors is not chosen",
                    mend: "train on hosts of one kind: leave the others out of the hostfile")
            }
        }
        return findings.isEmpty ? [.ok("processors", "one kind on \(job.hosts.count) host(s)")] : findings
    }

    /// What holds a library back from the processor's best.
    private static func limits(_ job: JobFacts) -> [Finding] {
        ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "OPENBLAS_CORETYPE"].compactMap { name in
            guard let rank = job.ranks.first(where: { $0.environment[name] != nil }) else { return nil }
            return .warning(
                "instruction sets", on: rank.placement.host,
                "\(name)=\(rank.environment[name] ?? "") chooses the kernels, not the processor", mend: "unset \(name)")
        }
    }

    private static func versions(_ job: JobFacts) -> [Finding] {
        let names = job.ranks[0].versions.keys.sorted()
        let findings = names.compactMap { name -> Finding? in
            guard let found = differing(job, job.hosts.map { $0.ranks[0].versions[name] ?? "" }) else { return nil }
            switch name {
            case RankFacts.program:
                return .problem(
                    "versions", "the hosts run different \(name): \(found)",
                    mend: "copy the built tool to all of them: deploy/sync HOSTFILE")
            case RankFacts.mpi:
                return .problem(
                    "versions", "the hosts have different \(name): \(found)",
                    mend: "on each of them: deploy/install, from the same release of the system")
            default:
                return .warning(
                    "versions", "the hosts have different \(name): \(found); the last bits of results differ",
                    mend: "on each of them: deploy/install, from the same release of the system")
            }
        }
        let all = names.map { "\($0) \(job.ranks[0].versions[$0] ?? "")" }.joined(separator: ", ")
        return findings.isEmpty ? [.ok("versions", all)] : findings
    }

    /// "node1 x, node2 y", or nil where all are the same.
    private static func differing(_ job: JobFacts, _ values: [String]) -> String? {
        guard Set(values).count > 1 else { return nil }
        return zip(job.hosts, values).map { "\($0.name) \($1)" }.joined(separator: ", ")
    }
}
