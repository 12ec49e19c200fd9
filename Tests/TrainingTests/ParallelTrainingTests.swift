import Comm
import TestSupport
import Testing
import Training

/// Ranks as threads of this process: however many share a batch, the training is the same.
struct ParallelTrainingTests {
    private static let iterations = 20

    private struct Trace: Sendable {
        var losses: [Double] = []
        /// A hash of all weights after each step.
        var weights: [Int] = []
    }

    /// The golden net with half of its last activations dropped at random, on shuffled lists; 3 and 5 do not divide 8.
    private static func train(ranks: Int) throws -> [Trace] {
        // The TEST phase, whose batch of 4 is too small for 5 ranks, is left out.
        let run = try GoldenRun(
            "net_contrastive", editSolver: { $0 = $0.replacing("test_iter: 3", with: "") }, editNet: GoldenRun.stir)
        return try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) { $0.options.decodingThreads = 1 }
            let trainer = try Trainer(plan, communicator: communicator, log: log.log)
            var trace = Trace()
            for _ in 0..<iterations {
                trace.losses.append(try trainer.step().loss)
                trace.weights.append(trainer.net.parameters.values.withSpan(Self.hash))
            }
            return trace
        }
    }

    private static func hash(_ weights: Span<Float>) -> Int {
        var hasher = Hasher()
        for index in weights.indices { hasher.combine(weights[index].bitPattern) }
        return hasher.finalize()
    }

    @Test
    func anyNumberOfRanksTrainsTheSame() throws {
        let alone = try Self.train(ranks: 1)[0]
        #expect(Set(alone.losses).count == Self.iterations)
        #expect(Set(alone.weights).count == Self.iterations)
        for ranks in 2...5 {
            let together = try Self.train(ranks: ranks)
            for (rank, trace) in together.enumerated() {
                #expect(
                    Compare.relativeMismatch("loss on rank \(rank) of \(ranks)", trace.losses, alone.losses) == nil)
                #expect(trace.weights == together[0].weights, "weights of rank \(rank) of \(ranks)")
            }
        }
    }

    @Test
    func moreRanksThanPairsAreRefused() throws {
        let run = try GoldenRun("net_contrastive")
        let error = try #require(throws: PeerError.self) {
            try ThreadCommunicator.run(9) { communicator in
                let log = RecordingLog()
                let plan = try run.plan(over: communicator, log: log)
                _ = try Trainer(plan, communicator: communicator, log: log.log)
            }
        }
        #expect(error.message.hasPrefix("the TRAIN net: 9 ranks can't share a batch of 8"))
    }
}
