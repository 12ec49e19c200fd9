import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

/// Half of the ranks carries one tower, half the other: the same training, files and tests.
@Suite(.timeLimit(.minutes(5))) struct TowerPlacementTests {
    /// Trains to iteration 20 with a snapshot at 10; returns where the run's files are.
    private static func train(
        _ net: String, ranks: Int, placement: TowerPlacement, method: ExchangeMethod? = nil,
        _ edit: @escaping @Sendable (inout TrainingPlan.Request, GoldenRun) -> Void = { _, _ in }
    ) throws -> GoldenRun {
        let run = try GoldenRun(
            net,
            editSolver: {
                $0 = $0.replacing("test_iter: 3", with: "test_iter: 2").replacing(/test_interval: \d+/, with: "")
                    .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                $0 += "display: 1\nsnapshot: 10\ntest_interval: 10\n"
            })
        _ = try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.weights = [Golden.path("\(net)/init.caffemodel")]
                $0.options.decodingThreads = 1
                $0.options.placement = placement
                $0.options.exchange.method = method
                edit(&$0, run)
            }
            try Trainer(plan, communicator: communicator, log: log.log).run()
        }
        return run
    }

    @Test(arguments: [2, 4], ["net_contrastive", "net_softmax"])
    func trainsAsInCaffe(ranks: Int, net: String) throws {
        let run = try Self.train(net, ranks: ranks, placement: .split)
        let expected = try Golden.table("\(net)/losses.txt").map { $0[2] }
        #expect(
            Compare.relativeMismatch(
                "loss", try run.metrics().filter { $0.phase == "train" }.compactMap(\.loss), expected) == nil)
        #expect(
            try Weights.mismatches(run.prefix + "_iter_20.caffemodel", Golden.path("\(net)/snap_iter_20.caffemodel"))
                == [])
    }

    @Test(arguments: ExchangeMethod.allCases)
    func eachHalfExchangesItsOwnTower(method: ExchangeMethod) throws {
        let both = try Self.train("net_contrastive", ranks: 1, placement: .both)
        let split = try Self.train("net_contrastive", ranks: 4, placement: .split, method: method)
        #expect(
            try Weights.mismatches(split.prefix + "_iter_20.caffemodel", both.prefix + "_iter_20.caffemodel") == [])
        let tests = try [both, split].map { run in
            try run.metrics().filter { $0.phase == "test 0" }.flatMap { $0.outputs?["loss"] ?? [] }
        }
        #expect(tests[0].count == tests[1].count && !tests[0].isEmpty)
        for (found, expected) in zip(tests[1], tests[0]) {
            #expect(abs(found - expected) <= 1e-4 * abs(expected) + 1e-6)
        }
    }

    /// A snapshot of halves goes on with whole towers, and the other way round.
    @Test(arguments: [TowerPlacement.split, .both])
    func snapshotsChangePlacement(first: TowerPlacement) throws {
        let whole = try Self.train("net_contrastive", ranks: 2, placement: first)
        let other: TowerPlacement = first == .split ? .both : .split
        let state = whole.prefix + "_iter_10.solverstate"
        let resumed = try Self.train("net_contrastive", ranks: 2, placement: other) { request, _ in
            request.weights = []
            request.snapshot = state
        }
        #expect(
            try Weights.mismatches(resumed.prefix + "_iter_20.caffemodel", whole.prefix + "_iter_20.caffemodel") == [])
    }

    @Test func anOddNumberOfRanksIsRefused() throws {
        let run = try GoldenRun("net_contrastive")
        let error = try #require(throws: PeerError.self) {
            try ThreadCommunicator.run(3) { communicator in
                let log = RecordingLog()
                let plan = try run.plan(over: communicator, log: log) { $0.options.placement = .split }
                _ = try Trainer(plan, communicator: communicator, log: log.log)
            }
        }
        #expect(error.message.contains("needs an even number of them, found 3; start with mpirun -np 4"))
    }
}
