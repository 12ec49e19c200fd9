import CaffeProto
import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

struct TrainerTests {
    private static func run(_ more: String, maxIter: Int = 4) throws -> GoldenRun {
        try GoldenRun(
            "net_contrastive",
            editSolver: {
                $0 =
                    $0.replacing("max_iter: 20", with: "max_iter: \(maxIter)").replacing("test_iter: 3\n", with: "")
                    .replacing("test_interval: 1000\n", with: "").replacing("test_initialization: false\n", with: "")
                    .replacing("snapshot_after_train: false\n", with: "") + more
            })
    }

    /// Lines with the numbers that differ from run to run taken out.
    private static func story(_ log: RecordingLog) throws -> [String] {
        let lines = log.lines.filter { !$0.contains("Train net output") && !$0.contains("Test net output") }
        let start = try #require(lines.firstIndex { $0.hasPrefix("Solving ") })
        // When a snapshot is written is the writer's affair.
        return lines[start...].filter { !$0.hasPrefix("lint: ") && !$0.hasPrefix("Snapshot of ") }.map {
            $0.replacing(/loss = [-.e\d]+/, with: "loss = L").replacing(/\(.*iters\)/, with: "(R)")
                .replacing(/(binary proto file ).*\//, with: { "\($0.output.1)" }).replacing(
                    /\d+ iterations at .*/, with: "end"
                ).replacing(
                    /^Speed: [.\d]+ pairs\/s, [.\d]+ GFLOP\/s; waiting for data .* of the time$/, with: "speed")
        }
    }

    /// Caffe's order: test at its interval and at the start and end, display every so many, snapshots, one loss more.
    @Test
    func doesThingsInCaffesOrder() throws {
        let run = try Self.run("test_iter: 1\ntest_interval: 2\ndisplay: 2\nsnapshot: 3\n")
        let log = RecordingLog()
        try run.train(log: log)
        #expect(
            try Self.story(log) == [
                "Solving SmallSiamese",
                "Learning Rate Policy: step",
                "Iteration 0, Testing net (#0)",
                "Iteration 0 (R), loss = L",
                "Iteration 0, lr = 0.01",
                "speed",
                "Iteration 2, Testing net (#0)",
                "Iteration 2 (R), loss = L",
                "Iteration 2, lr = 0.01",
                "speed",
                "Snapshotting to binary proto file snap_iter_3.caffemodel",
                "Snapshotting solver state to binary proto file snap_iter_3.solverstate",
                "Snapshotting to binary proto file snap_iter_4.caffemodel",
                "Snapshotting solver state to binary proto file snap_iter_4.solverstate",
                "Iteration 4, loss = L",
                "Iteration 4, Testing net (#0)",
                "end",
                "Optimization Done.",
            ])
    }

    @Test
    func aSnapshotAtTheEndIsNotWrittenTwice() throws {
        let run = try Self.run("snapshot: 2\ntest_initialization: false\n")
        let log = RecordingLog()
        try run.train(log: log)
        #expect(log.lines.count { $0.contains("snap_iter_4.caffemodel") } == 1)
        let names = try run.folder.names.filter { $0.hasPrefix("snap") }
        #expect(
            names == [2, 4].flatMap { ["snap_iter_\($0).caffemodel", "snap_iter_\($0).solverstate"] })
    }

    @Test
    func noSnapshotWhereNoneIsWanted() throws {
        let run = try Self.run("snapshot_after_train: false\n", maxIter: 1)
        try run.train()
        #expect(try run.folder.names == ["net_contrastive", "solver.prototxt"])
    }

    /// What the snapshot says beside weights and history.
    @Test
    func theSnapshotKnowsTheWholeState() throws {
        let run = try Self.run("average_loss: 3\n", maxIter: 9)
        let trainer = try run.train()
        let state = try SnapshotStore.readState(run.prefix + "_iter_9.solverstate")
        #expect(state.iteration == 9)
        #expect(state.currentStep == 1, "stepsize 8")
        #expect(state.learnedNet == run.prefix + "_iter_9.caffemodel")
        #expect(state.seed == 1701)
        #expect(state.batchSize == 8)
        #expect(state.worldSize == 1)
        #expect(state.listFingerprints.count == 1)
        #expect(state.netFingerprint == trainer.plan.trainDefinition.fingerprint)
        #expect(state.recentLosses.count == 3)
    }

    /// Two runs with one seed are the same, bit for bit; with another seed they are not.
    @Test
    func theSeedDecides() throws {
        let weights = try [1701, 1701, 1702].map { seed in
            let run = try Self.run("", maxIter: 2)
            _ = try run.folder.write(
                "solver.prototxt",
                try run.folder.text(of: "solver.prototxt").replacing("random_seed: 1701", with: "random_seed: \(seed)"))
            try run.train()
            return try Weights.read(run.prefix + "_iter_2.caffemodel")
        }
        #expect(weights[0] == weights[1])
        #expect(weights[0] != weights[2])
    }

    /// X_p starts with the numbers of X, and only where the suffix says so.
    @Test(arguments: [nil, "_p="] as [String?])
    func towersStartAlike(rule: String?) throws {
        let run = try Self.run("", maxIter: 1)
        let plan = try run.plan { $0.alike = rule.flatMap { SuffixRule($0) } }
        let trainer = try Trainer(plan, communicator: SoloCommunicator(), log: RecordingLog().log)
        for layer in ["conv1", "conv5", "fc7"] {
            let values = try [layer, layer + "_p"].map { name in
                try #require(trainer.net.step(named: name)?.layer.parameters.first?.blob.dataArray)
            }
            #expect((values[0] == values[1]) == (rule != nil), "\(layer)")
        }
    }

    /// Later caffemodels win, layer by layer.
    @Test
    func weightsComeFromSeveralFiles() throws {
        let run = try Self.run("", maxIter: 1)
        let log = RecordingLog()
        let files = ["init", "snap_iter_10"].map { Golden.path("net_contrastive/\($0).caffemodel") }
        let plan = try run.plan(log: log) { $0.weights = files }
        let trainer = try Trainer(plan, communicator: SoloCommunicator(), log: log.log)
        let expected = try Weights.read(files[1])
        for parameter in trainer.net.parameters.parameters {
            #expect(parameter.blob.dataArray == expected[parameter.name], "\(parameter.name)")
        }
        for file in files { #expect(log.lines.contains { $0.hasPrefix("Weights from \(file): 14 layers loaded") }) }
    }

    @Test
    func snapshotAndWeightsExcludeEachOther() throws {
        let run = try Self.run("")
        let error = try #require(throws: SolverError.self) {
            _ = try run.plan {
                $0.weights = ["a"]
                $0.snapshot = "b"
            }
        }
        #expect(error.description.contains("--snapshot and --weights exclude each other"))
    }

    /// What is probably not meant is said at the start, and of margins after the first step; the golden net ends in ReLUs.
    @Test(arguments: [true, false])
    func lintsAreSaidUnlessSilenced(lints: Bool) throws {
        let run = try GoldenRun(
            "net_contrastive", editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 2") },
            editNet: { $0 = $0.replacing("margin: 1.0", with: "margin: 100000") })
        let log = RecordingLog()
        try run.train(log: log) { $0.options.lints = lints }
        let said = log.warnings.filter { $0.hasPrefix("lint: ") }
        #expect(said.count == (lints ? 2 : 0), "\(said)")
        if lints {
            #expect(said.first?.hasPrefix("lint: ReLU on the embedding (relu7 and relu7_p)") == true)
            #expect(said.last?.contains("the margin of 100000 can hardly be reached") == true)
        }
    }

    /// A weightless label, and a loss with its weight, as parse_log.py reads them.
    @Test
    func outputsAreListedAsInCaffe() throws {
        let run = try GoldenRun(
            "net_softmax",
            editSolver: {
                $0 = $0.replacing("max_iter: 20", with: "max_iter: 1\ndisplay: 1")
                    .replacing("test_initialization: false", with: "")
            })
        let log = RecordingLog()
        try run.train(log: log)
        let train = log.lines.filter { $0.contains("Train net output") }
        #expect(train.count == 1)
        let line = /\s{4}Train net output #0: loss = ([.\deE+-]+) \(\* 1 = ([.\deE+-]+) loss\)/
        let match = try #require(train.first?.wholeMatch(of: line))
        #expect(match.1 == match.2)
        let test = log.lines.filter { $0.contains("Test net output") }
        #expect(test.count == 2)
        #expect(test.first?.wholeMatch(of: /\s{4}Test net output #0: accuracy = [.\d]+/) != nil, "\(test)")
        #expect(test.last?.wholeMatch(of: /\s{4}Test net output #1: loss = [.\d]+ \(\* 1 = [.\d]+ loss\)/) != nil)
        #expect(try run.metrics().map(\.phase) == ["test 0", "train"])
    }
}
