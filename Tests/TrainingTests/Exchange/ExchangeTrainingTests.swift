import Comm
import Nets
import TestSupport
import Testing
import Training

/// The original Caffe's trainings once more, by every exchange and on several ranks.
@Suite(.timeLimit(.minutes(5))) struct ExchangeTrainingTests {
    /// Losses of a golden run, iteration by iteration, on `ranks` threads.
    private static func losses(
        _ folder: String, net: String, ranks: Int, iterations: Int, options: ExchangeOptions
    ) throws -> [Double] {
        let run = try GoldenRun(folder, net: net, editSolver: { $0 = $0.replacing("test_iter: 3", with: "") })
        let all = try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.weights = [Golden.path("\(net)/init.caffemodel")]
                $0.options.decodingThreads = 1
                $0.options.exchange = options
            }
            let trainer = try Trainer(plan, communicator: communicator, log: log.log)
            let losses = try (0..<iterations).map { _ in try trainer.step().loss }
            let weights = trainer.net.parameters.values.withSpan { values in
                values.indices.reduce(into: Hasher()) { $0.combine(values[$1].bitPattern) }.finalize()
            }
            return (losses, weights)
        }
        #expect(Set(all.map(\.1)).count == 1, "\(folder) by \(options) on \(ranks) ranks: weights differ between ranks")
        return all[0].0
    }

    private static func golden(_ folder: String, column: Int) throws -> [Double] {
        try Golden.table("\(folder)/losses.txt").map { $0[column] }
    }

    @Test(arguments: ExchangeMethod.allCases, [1, 2, 3, 4])
    func netsTrainAsInCaffe(method: ExchangeMethod, ranks: Int) throws {
        for net in ["net_contrastive", "net_shared", "net_softmax"] {
            let found = try Self.losses(
                net, net: net, ranks: ranks, iterations: 20, options: ExchangeOptions(method: method))
            #expect(Compare.relativeMismatch(net, found, try Self.golden(net, column: 2)) == nil)
        }
    }

    /// Clipping needs the norm of gradients that no rank has whole; sub-batches and histories are divided.
    @Test(arguments: ExchangeMethod.allCases, ["sgd_clip", "sgd_iter_size2", "sgd_L1", "adam", "nesterov"])
    func solversTrainAsInCaffe(method: ExchangeMethod, solver: String) throws {
        let folder = "solvers/\(solver)"
        // What Caffe shows of sub-batches is their mean, which the command line's log has.
        let file = solver == "sgd_iter_size2" ? "losses_cli.txt" : "losses.txt"
        let expected = try Golden.table("\(folder)/\(file)").map { $0[1] }
        for ranks in [1, 3] {
            let found = try Self.losses(
                folder, net: "net_contrastive", ranks: ranks, iterations: expected.count,
                options: ExchangeOptions(method: method))
            #expect(Compare.relativeMismatch("\(solver), \(ranks) ranks", found, expected) == nil)
        }
    }

    /// Rounding the gradients to 8 bits bends the path a little; the losses stay where they were.
    @Test func halfTheWireStaysWithinItsTolerance() throws {
        let exact = try Self.golden("net_contrastive", column: 2)
        let found = try Self.losses(
            "net_contrastive", net: "net_contrastive", ranks: 3, iterations: 20,
            options: ExchangeOptions(method: .allReduce, wire: .bf16))
        #expect(Compare.relativeMismatch("bf16", found, exact) != nil, "nothing was rounded")
        for (found, exact) in zip(found, exact) { #expect(abs(found - exact) <= 0.1 * exact) }
        let sums = (found: found.reduce(0, +), exact: exact.reduce(0, +))
        #expect(abs(sums.found - sums.exact) <= 0.02 * sums.exact)
    }
}
