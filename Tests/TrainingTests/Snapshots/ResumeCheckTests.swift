import Comm
import Foundation
import TestSupport
import Testing
import Training

/// What must not have changed for training to go on from a snapshot.
struct ResumeCheckTests {
    private static let net = "net_contrastive/train_val.prototxt"

    private static func run() throws -> GoldenRun {
        let run = try GoldenRun(
            "net_contrastive",
            editSolver: { $0 = $0.replacing("snapshot_after_train: false", with: "snapshot_after_train: true") },
            editNet: GoldenRun.stir)
        try run.train { $0.maxIteration = 1 }
        return run
    }

    private static func edit(_ run: GoldenRun, _ file: String, _ old: String, _ new: String) throws {
        let text = try run.folder.text(of: file)
        try #require(text.contains(old))
        try run.folder.write(file, text.replacing(old, with: new))
    }

    private static func resume(
        _ run: GoldenRun, _ allowed: Set<ResumeChange> = [], log: RecordingLog = RecordingLog()
    ) throws {
        try run.train(log: log) {
            $0.maxIteration = 2
            $0.resumesNewest = true
            $0.snapshots.allowedChanges = allowed
        }
    }

    @Test(
        arguments: [
            (net, "train2.txt", "train1.txt", .lists, "the fingerprint of the lists was "),
            ("solver.prototxt", "random_seed: 1701", "random_seed: 7", .seed, "random_seed was 1701 and is 7"),
            (net, "batch_size: 8\n", "batch_size: 6\n", .batch, "batch_size was 8 and is 6"),
            ("solver.prototxt", "max_iter", "iter_size: 2 max_iter", .batch, "iter_size was 1 and is 2"),
            (
                net, "dropout_ratio: 0.5 ", "dropout_ratio: 0.25 ", .net,
                "had \"dropout_ratio: 0.5\" and has \"dropout_ratio: 0.25\""
            ),
            ("solver.prototxt", "max_iter", "type: \"Nesterov\" max_iter", .solver, "type was SGD and is Nesterov"),
        ] as [(String, String, String, ResumeChange, String)])
    func aChangeIsRefusedUnlessAllowed(file: String, old: String, new: String, change: ResumeChange, says: String)
        throws
    {
        let run = try Self.run()
        try Self.edit(run, file, old, new)
        let error = try #require(throws: (any Error).self) { try Self.resume(run) }
        #expect("\(error)".contains("snap_iter_1.solverstate is of another training: "))
        #expect("\(error)".contains(says))
        #expect("\(error)".contains("--allow-changed \(change.rawValue)"))
        #expect(throws: (any Error).self) { try Self.resume(run, Set(ResumeChange.allCases).subtracting([change])) }
        let log = RecordingLog()
        try Self.resume(run, [change], log: log)
        #expect(log.warnings.contains { $0.contains(says) })
        #expect(run.folder.has("snap_iter_2.solverstate"))
    }

    @Test
    func severalAreToldAtOnce() throws {
        let run = try Self.run()
        try Self.edit(run, Self.net, "batch_size: 8\n", "batch_size: 6\n")
        try Self.edit(run, "solver.prototxt", "random_seed: 1701", "random_seed: 7")
        let error = try #require(throws: (any Error).self) { try Self.resume(run) }
        #expect("\(error)".contains("--allow-changed seed,batch"))
    }

    /// Rates, lengths, displays and tests are the user's to change.
    @Test
    func whatMayChangeMayChange() throws {
        let run = try Self.run()
        try Self.edit(run, "solver.prototxt", "base_lr: ", "display: 1 base_lr: 0.5 #")
        try Self.edit(run, Self.net, "blobs_lr: 2", "blobs_lr: 3")
        let log = RecordingLog()
        try Self.resume(run, log: log)
        #expect(log.warnings.filter { !$0.hasPrefix("lint") && !$0.contains("old layers") } == [])
    }

    /// A new layer begins anew, the others go on.
    @Test
    func aNetWithANewLayerGoesOnIfAllowed() throws {
        let run = try Self.run()
        let text = try run.folder.text(of: Self.net)
        let name = try #require(text.firstMatch(of: /name: "(ip[^"]*|fc[^"]*|feat[^"]*)"/)).1
        try run.folder.write(Self.net, text.replacing("name: \"\(name)\"", with: "name: \"\(name)_new\""))
        let error = try #require(throws: (any Error).self) { try Self.resume(run) }
        #expect("\(error)".contains("layer \(name) is gone"))
        let log = RecordingLog()
        try Self.resume(run, [.net], log: log)
        #expect(log.warnings.contains { $0.contains("\(name)_new") && $0.contains("no weights") })
        #expect(log.warnings.contains { $0.contains("\(name)_new[0]") && $0.contains("no history") })
    }
}
