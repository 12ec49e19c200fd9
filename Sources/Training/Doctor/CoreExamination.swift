import Comm

/// Whether the ranks have the cores that their threads want.
package enum CoreExamination {
    package static func examine(_ job: JobFacts) -> Section {
        var section = Section("Hosts and cores", table: table(job))
        let counts = job.hosts.map { "\($0.name) \($0.ranks.count)" }.joined(separator: ", ")
        section.findings = [.ok("ranks", "\(job.ranks.count) on \(job.hosts.count) host(s): \(counts)")]
        for host in job.hosts {
            section.findings += [
                binding(host), threads(host), quota(host), hyperThreads(host), openMP(host), governor(host),
            ].compactMap(\.self)
        }
        if section.findings.verdict == .ok {
            section.findings.append(.ok("threads", "each has a core to itself: \(job.threads.reduce(0, +)) in all"))
        }
        return section
    }

    private static func table(_ job: JobFacts) -> TextTable {
        var table = TextTable(["rank", "host", "pid", "cores", "threads", "quota"])
        table.alignRight(4)
        for (facts, threads) in zip(job.ranks, job.threads) {
            let place = facts.placement
            table.add([
                "\(place.rank)", place.host, "\(place.processID)",
                "\(place.processors.count) (\(RankMap.ranges(place.processors)))", "\(threads)",
                facts.group.quota.map { "\(TrainingLog.format($0)) cores" } ?? "none",
            ])
        }
        return table
    }

    /// mpirun binds each of two ranks to a core, and more to a socket, unless it is told otherwise.
    private static func binding(_ host: JobFacts.Host) -> Finding? {
        let isLaunched = host.ranks[0].environment["OMPI_COMM_WORLD_SIZE"] != nil
        let here = Set(host.group.processors ?? host.facts.processors).intersection(host.facts.processors)
        let used = host.processors
        guard isLaunched, used.count < here.count else { return nil }
        return .warning(
            "binding", on: host.name,
            "its \(host.ranks.count) rank(s) may use \(used.count) of \(here.count) cores: mpirun has bound them",
            mend: "mpirun --bind-to none …, or deploy/launch, which says so")
    }

    private static func threads(_ host: JobFacts.Host) -> Finding? {
        for (facts, threads) in zip(host.ranks, host.threads) where threads > facts.placement.processors.count {
            let cores = facts.placement.processors.count
            return .problem(
                "threads", on: host.name,
                "rank \(facts.placement.rank) would compute with \(threads) threads on \(cores) core(s), where they wait "
                    + "for each other",
                mend: "mpirun --bind-to none …, or --threads \(cores), or leave --threads out")
        }
        let (wanted, cores) = (host.threads.reduce(0, +), host.processors.count)
        guard wanted > cores else { return nil }
        let slots =
            host.ranks.count > cores
            ? "\(host.name) slots=\(cores) in the hostfile" : "--threads \(max(1, cores / host.ranks.count))"
        return .warning(
            "threads", on: host.name, "\(wanted) threads of \(host.ranks.count) rank(s) share \(cores) core(s)",
            mend: slots)
    }

    private static func quota(_ host: JobFacts.Host) -> Finding? {
        let wanted = host.threads.reduce(0, +)
        guard let quota = host.group.quota, quota < Double(wanted) else { return nil }
        let share = max(1, Int(quota) / host.ranks.count)
        return .warning(
            "quota", on: host.name,
            "the control group gives \(TrainingLog.format(quota)) cores' time to \(wanted) threads, which will be stopped "
                + "again and again",
            mend: "--threads \(share), or a larger quota (docker run --cpus, Kubernetes limits.cpu)")
    }

    private static func hyperThreads(_ host: JobFacts.Host) -> Finding? {
        let used = host.processors
        let cores = host.facts.siblings.count { !used.isDisjoint(with: $0) }
        let wanted = host.threads.reduce(0, +)
        guard cores > 0, wanted > cores, used.count > cores, wanted <= used.count else { return nil }
        let share = max(1, cores / host.ranks.count)
        return .warning(
            "hyper-threads", on: host.name,
            "\(wanted) threads on \(cores) cores that run two each: such threads share one arithmetic unit",
            mend: "compare with: twotower time --model NET --threads \(share)")
    }

    /// libgomp pins threads to the same first cores in every rank, and hides the others from it.
    private static func openMP(_ host: JobFacts.Host) -> Finding? {
        let variables = host.ranks[0].environment
        for name in ["OMP_PROC_BIND", "GOMP_CPU_AFFINITY", "OMP_PLACES"] {
            guard let value = variables[name], value.lowercased() != "false" else { continue }
            return .problem(
                "OpenMP", on: host.name,
                "\(name)=\(value) pins the threads of each rank, those of several ranks to the same cores",
                mend: "unset \(name)")
        }
        let most = host.threads.max() ?? 1
        guard let limit = variables["OMP_THREAD_LIMIT"].flatMap({ Int($0) }), limit < most else { return nil }
        return .problem(
            "OpenMP", on: host.name, "OMP_THREAD_LIMIT=\(limit) allows fewer threads than a rank's \(most)",
            mend: "unset OMP_THREAD_LIMIT")
    }

    /// "powersave" is slow with the old driver only; the newer ones of both makers speed up under load.
    private static func governor(_ host: JobFacts.Host) -> Finding? {
        guard let governor = host.facts.governor, governor == "powersave" else { return nil }
        let driver = host.facts.governorDriver ?? ""
        guard !driver.hasPrefix("intel_pstate"), !driver.hasPrefix("amd-pstate") else { return nil }
        return .warning(
            "governor", on: host.name, "the cores stay at their lowest frequency (powersave, \(driver))",
            mend: "sudo cpupower frequency-set --governor performance")
    }
}
