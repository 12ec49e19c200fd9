import ArgumentParser
import Training

/// How many snapshots there are, and what may differ from the one from which training goes on.
struct SnapshotArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("Keep the newest snapshots only (the solver's snapshot_keep; 0: all).", valueName: "count"))
    var snapshotKeep: Int?

    @Option(
        help: ArgumentHelp(
            "Write a snapshot every so many seconds, beside those by iterations (the solver's snapshot_seconds; 0: none).",
            valueName: "seconds"))
    var snapshotSeconds: Double?

    @Option(
        help: ArgumentHelp(
            "With --resume or --snapshot: go on although these have changed since the snapshot; training then is not the same "
                + "as without the stop.", valueName: "lists,seed,batch,net,solver"), transform: changes)
    var allowChanged: Set<ResumeChange> = []

    func validate() throws {
        if let snapshotKeep, snapshotKeep < 0 {
            throw ValidationError("--snapshot-keep \(snapshotKeep): give 1 or more, or 0 to keep all")
        }
        if let snapshotSeconds, !(snapshotSeconds >= 0) {
            throw ValidationError("--snapshot-seconds \(snapshotSeconds): give more than 0, or 0 for none by time")
        }
    }

    var options: SnapshotOptions {
        var options = SnapshotOptions()
        options.keep = snapshotKeep
        options.seconds = snapshotSeconds
        options.allowedChanges = allowChanged
        options.locksPrefix = true
        return options
    }

    private static func changes(_ text: String) throws -> Set<ResumeChange> {
        try Set(
            text.split(separator: ",").map { word in
                guard let change = ResumeChange(rawValue: String(word)) else {
                    let known = ResumeChange.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--allow-changed \(word): known are \(known)")
                }
                return change
            })
    }
}
