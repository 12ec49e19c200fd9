import Foundation

/// Whether snapshots can be written, how many have room, and who finds them again.
package enum SnapshotExamination {
    /// What a training will write.
    package struct Plan: Equatable {
        /// Of one snapshot, both files.
        package let bytes: Int
        /// How many there will be at once at most.
        package let count: Int

        package init(bytes: Int, count: Int) {
            self.bytes = bytes
            self.count = count
        }

        /// - Parameter bytes: of one snapshot.
        package init(_ settings: SolverSettings, bytes: Int) {
            let interval = settings.snapshotInterval
            let onTheWay = interval > 0 ? settings.maxIteration / interval : 0
            let last = settings.snapshotAfterTrain && (interval == 0 || settings.maxIteration % interval != 0) ? 1 : 0
            // The oldest goes when the new one is whole.
            let kept = settings.snapshotKeep.map { $0 + 1 } ?? .max
            self.init(bytes: bytes, count: min(onTheWay + last, kept))
        }
    }

    private static let elsewhere = "--snapshot-prefix on another disk, or make room there"

    package static func examine(_ facts: SnapshotFacts, _ plan: Plan?) -> Section {
        var section = Section("Snapshots")
        if let error = facts.error {
            section.findings = [
                .problem("writing", error, mend: "make the folder writable, or take another by --snapshot-prefix")
            ]
            return section
        }
        let folder = URL(filePath: facts.prefix).deletingLastPathComponent().path
        let type = facts.fileSystem?.type ?? "unknown"
        section.findings = [writing(facts, folder: folder, type: type)]
        if let plan { section.findings.append(room(facts, plan)) }
        if !facts.blindHosts.isEmpty {
            section.findings.append(
                .warning(
                    "sharing",
                    "\(facts.blindHosts.joined(separator: ", ")) do(es) not see \(folder) of rank zero's host: "
                        + "--resume goes on from the snapshots of the host that rank zero runs on",
                    mend: "a folder that all hosts share, or keep that host the first of the hostfile"))
        }
        if let lock = facts.lock {
            section.findings.append(
                .warning(
                    "lock", "\(facts.prefix).lock is held by \(lock)",
                    mend: "wait until that training has ended, or take another --snapshot-prefix"))
        }
        return section
    }

    private static func writing(_ facts: SnapshotFacts, folder: String, type: String) -> Finding {
        let found = "\(folder) (\(type)): \(megabytes(facts.free)) free, \(megabytes(Int(facts.speed))) a second"
        switch type {
        case "tmpfs", "ramfs":
            return .warning("writing", "\(found); this is memory, and empty after a loss of power", mend: elsewhere)
        case "overlay":
            return .warning("writing", "\(found); this goes with the container", mend: "a volume, by --snapshot-prefix")
        default:
            return .ok("writing", found)
        }
    }

    /// A snapshot is written whole before an older one goes.
    private static func room(_ facts: SnapshotFacts, _ plan: Plan) -> Finding {
        let size = megabytes(plan.bytes)
        let wanted =
            plan.count == 0 ? "the solver asks for none; one takes \(size)" : "\(plan.count) snapshot(s) of \(size)"
        let found = "\(wanted), and \(megabytes(facts.free)) are free"
        if plan.bytes > facts.free { return .problem("room", found, mend: elsewhere) }
        if plan.bytes * plan.count > facts.free {
            return .warning("room", found, mend: "\(elsewhere); or snapshot_keep: 2 in the solver")
        }
        return .ok("room", found)
    }
}
