import Comm
import Nets
import TestSupport
import Testing
import Training

/// Ranks as threads of this process: with `--deterministic` any number of them trains to the same bits.
@Suite(.timeLimit(.minutes(5)))
struct DeterministicTrainingTests {
    private struct Trace: Equatable, Sendable {
        var losses: [UInt64] = []
        var outputs: [UInt64] = []
        /// Of weights and history after the last step.
        var state: [UInt32] = []
    }

    /// Ten steps of a golden net with dropout, shuffled lists, random crops and mirrors.
    private static func train(
        _ name: String, ranks: Int, options: DeterministicOptions = DeterministicOptions(),
        engine: NetContext.Engine? = nil
    ) throws -> [Trace] {
        let run = try GoldenRun(
            name, editSolver: { $0 = $0.replacing("test_iter: 3", with: "") },
            editNet: {
                GoldenRun.stir(&$0)
                $0 = $0.replacing("scale: 0.00390625", with: "scale: 0.00390625 mirror: true crop_size: 60")
            })
        return try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.options.decodingThreads = 1
                $0.options.deterministic = options
                if let engine { $0.options.engine = engine }
            }
            let trainer = try Trainer(plan, communicator: communicator, log: log.log)
            var trace = Trace()
            for _ in 0..<10 {
                let report = try trainer.step()
                trace.losses.append(report.loss.bitPattern)
                trace.outputs += report.outputs.map(\.value.bitPattern)
            }
            for buffer in [trainer.net.parameters.values] + trainer.solver.history {
                trace.state += buffer.withSpan { values in values.indices.map { values[$0].bitPattern } }
            }
            return trace
        }
    }

    /// net_shared: inner products whose factors come from two uses; net_softmax: an accuracy beside the loss.
    @Test(arguments: ["net_contrastive", "net_shared", "net_softmax"], [NetContext.Engine.dnnl, .caffe])
    func bitsAreTheSameOnAnyNumberOfRanks(name: String, engine: NetContext.Engine) throws {
        let alone = try Self.train(name, ranks: 1, engine: engine)[0]
        #expect(Set(alone.losses).count == 10)
        for ranks in [2, 4, 8] {
            for (rank, trace) in try Self.train(name, ranks: ranks, engine: engine).enumerated() {
                #expect(trace.losses == alone.losses, "losses of rank \(rank) of \(ranks)")
                #expect(trace.outputs == alone.outputs, "outputs of rank \(rank) of \(ranks)")
                #expect(trace.state == alone.state, "weights or history of rank \(rank) of \(ranks)")
            }
        }
    }

    /// A whole rank's batch in one pass rounds otherwise, so what is above does test something.
    @Test func anotherMicroBatchGivesOtherBits() throws {
        let traces = try [1, 2, 4].map { size in
            try Self.train("net_contrastive", ranks: 1, options: DeterministicOptions(microBatch: size))[0]
        }
        #expect(traces[0].state != traces[1].state)
        #expect(traces[1].state != traces[2].state)
        let parallel = try Self.train("net_contrastive", ranks: 4, options: DeterministicOptions(microBatch: 2))
        #expect(parallel == Array(repeating: traces[1], count: 4))
    }

    @Test(arguments: [1, 2, 8])
    func netsTrainAsInCaffe(ranks: Int) throws {
        for net in ["net_contrastive", "net_shared", "net_softmax"] {
            let run = try GoldenRun(net, editSolver: { $0 = $0.replacing("test_iter: 3", with: "") })
            let losses = try ThreadCommunicator.run(ranks) { communicator in
                let log = RecordingLog()
                let plan = try run.plan(over: communicator, log: log) {
                    $0.weights = [Golden.path("\(net)/init.caffemodel")]
                    $0.options.decodingThreads = 1
                    $0.options.deterministic = DeterministicOptions()
                }
                let trainer = try Trainer(plan, communicator: communicator, log: log.log)
                return try (0..<20).map { _ in try trainer.step().loss }
            }
            let expected = try Golden.table("\(net)/losses.txt").map { $0[2] }
            #expect(Compare.relativeMismatch("\(net) on \(ranks) ranks", losses[0], expected) == nil)
        }
    }

    @Test func wrongNumbersOfRanksAreRefused() throws {
        let run = try GoldenRun("net_contrastive", editSolver: { $0 = $0.replacing("test_iter: 3", with: "") })
        let error = try #require(throws: PeerError.self) {
            try ThreadCommunicator.run(3) { communicator in
                let log = RecordingLog()
                let plan = try run.plan(over: communicator, log: log) {
                    $0.options.deterministic = DeterministicOptions()
                }
                _ = try Trainer(plan, communicator: communicator, log: log.log)
            }
        }
        #expect(
            error.message
                == "the TRAIN net: --deterministic: 3 ranks can't share the 8 micro-batches of 1 in a batch of 8; start 1, "
                + "2, 4 or 8 ranks, or give --micro-batch another size")
    }
}
