import Comm
import TestSupport
import Testing
import Training

/// Losses that look for negatives in the whole batch: however many ranks share it, the training is the same.
@Suite(.timeLimit(.minutes(5)))
struct PairLossTrainingTests {
    private static let iterations = 5
    private static let infoNCE = #"type: "InfoNCELoss" info_nce_loss_param { temperature: 0.2 learned: true }"#
    private static let triplet = #"type: "TripletLoss" triplet_loss_param { margin: 0.5 }"#

    private static func run(_ loss: String, _ editSolver: ((inout String) -> Void)? = nil) throws -> GoldenRun {
        try GoldenRun(
            "net_contrastive",
            editSolver: {
                $0 = $0.replacing("test_iter: 3", with: "")
                editSolver?(&$0)
            },
            editNet: {
                GoldenRun.stir(&$0)
                GoldenRun.endIn(loss, &$0)
            })
    }

    /// The losses of some iterations on each rank.
    private static func train(
        _ loss: String, ranks: Int, placement: TowerPlacement = .both, passes: Int = 1
    ) throws -> [[Double]] {
        let run = try run(loss) { $0 += passes == 1 ? "" : "iter_size: \(passes)\n" }
        return try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.options.decodingThreads = 1
                $0.options.placement = placement
            }
            let trainer = try Trainer(plan, communicator: communicator, log: log.log)
            return try (0..<iterations).map { _ in try trainer.step().loss }
        }
    }

    /// 3 and 5 do not divide the batch of 8.
    @Test(arguments: [infoNCE, triplet], [1, 2])
    func anyNumberOfRanksTrainsTheSame(loss: String, passes: Int) throws {
        let alone = try Self.train(loss, ranks: 1, passes: passes)[0]
        #expect(Set(alone).count == Self.iterations)
        for ranks in passes == 1 ? [2, 3, 5] : [3] {
            for (rank, losses) in try Self.train(loss, ranks: ranks, passes: passes).enumerated() {
                #expect(Compare.relativeMismatch("loss on rank \(rank) of \(ranks)", losses, alone) == nil)
            }
        }
    }

    @Test(arguments: [infoNCE, triplet])
    func halvesTrainTheSame(loss: String) throws {
        let alone = try Self.train(loss, ranks: 1)[0]
        for (rank, losses) in try Self.train(loss, ranks: 4, placement: .split).enumerated() {
            #expect(Compare.relativeMismatch("loss on rank \(rank)", losses, alone) == nil)
        }
    }

    @Test func deterministicIsRefused() throws {
        let run = try Self.run(Self.infoNCE)
        let error = try #require(throws: (any Error).self) {
            let log = RecordingLog()
            let communicator = SoloCommunicator()
            let plan = try run.plan(over: communicator, log: log) { $0.options.deterministic = DeterministicOptions() }
            _ = try Trainer(plan, communicator: communicator, log: log.log)
        }
        #expect("\(error)".contains("layer loss (InfoNCELoss): needs sums over the whole batch"))
    }

    /// The pairs of label 0 in the golden lists are measured and no more; the last batch of a test is a smaller one.
    @Test(arguments: [1, 3])
    func aTestMeasuresAllPairs(ranks: Int) throws {
        let run = try Self.run(#"bottom: "label" "# + Self.infoNCE)
        let results = try ThreadCommunicator.run(ranks) { communicator in
            try Tester.test(
                model: run.net("net_contrastive"), weights: [Golden.path("net_contrastive/init.caffemodel")],
                iterations: nil, options: RunOptions(), communicator: communicator, log: RecordingLog().log)
        }
        let labels = try Golden.lines("test1.txt").map { $0.hasSuffix(" 1") }
        #expect(results[0].pairs.map(\.isMatch) == labels)
        #expect(results[0].pairs.allSatisfy { 0...2 ~= $0.distance })
        #expect(results[0].outputs.allSatisfy { $0.value.isFinite })
    }
}
