import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

/// Numbers that are none stop all ranks before the update, by one message that says where they began.
@Suite(.timeLimit(.minutes(5))) struct FiniteWatchTests {
    private static let net = "net_contrastive/train_val.prototxt"

    private static func run(
        solver: String = "", net: @escaping (inout String) -> Void = { $0 += "\n" }
    ) throws -> GoldenRun {
        try GoldenRun(
            "net_contrastive",
            editSolver: { $0 = $0.replacing("test_iter: 3", with: "") + "display: 1\nsnapshot: 1\n" + solver },
            editNet: net)
    }

    /// What a training comes to: what it ends with, and the weights before and after the last step, of each rank.
    private struct End: Sendable {
        var message = ""
        var steps = 0
        var isChanged = false
    }

    private static func train(
        _ run: GoldenRun, ranks: Int, placement: TowerPlacement = .both, exchange: ExchangeMethod? = nil,
        steps: Int = 3, spoil: @escaping @Sendable (Trainer, Int) -> Void = { _, _ in }
    ) throws -> [End] {
        try ThreadCommunicator.run(ranks) { communicator in
            let plan = try run.plan(over: communicator) {
                $0.options.decodingThreads = 1
                $0.options.placement = placement
                $0.options.exchange.method = exchange
            }
            let trainer = try Trainer(plan, communicator: communicator, log: RecordingLog().log)
            var end = End()
            for step in 0..<steps {
                spoil(trainer, step)
                let before = trainer.weightBits
                do {
                    _ = try trainer.step()
                    end.steps += 1
                } catch {
                    end.message = (error as? PeerError)?.message ?? "\(error)"
                    end.isChanged = trainer.weightBits != before
                    return end
                }
            }
            return end
        }
    }

    /// The message of all ranks, which have made so many steps before and no half of one.
    private static func message(_ ends: [End], steps: Int) -> String {
        #expect(Set(ends.map(\.message)).count == 1)
        #expect(ends.allSatisfy { $0.steps == steps && !$0.isChanged }, "\(ends)")
        return ends[0].message
    }

    /// The label 100 of line 5 is more than an exponential function bears: 10⁴³.
    private static func runWithAGuiltyPair() throws -> GoldenRun {
        let run = try run(net: {
            $0 += """
                layer { name: "grow" type: "Exp" bottom: "label" top: "grown" }
                layer { name: "far" type: "EuclideanLoss" bottom: "grown" bottom: "label_p" top: "far" loss_weight: 1 }

                """
        })
        for list in ["train1.txt", "train2.txt"] {
            let file = "net_contrastive/\(list)"
            var lines = try run.folder.text(of: file).split(separator: "\n").map(String.init)
            lines[4] = String(lines[4].dropLast()) + "100"
            try FileManager.default.removeItem(atPath: run.folder.file(file))
            try run.folder.write(file, lines.map { $0 + "\n" }.joined())
        }
        return run
    }

    @Test(arguments: [1, 2, 3, 4])
    func namesThePair(ranks: Int) throws {
        let message = Self.message(try Self.train(try Self.runWithAGuiltyPair(), ranks: ranks), steps: 0)
        // Sample 4 of 8.
        let rank = [1: 0, 2: 1, 3: 1, 4: 2][ranks] ?? 0
        let pairs = [1: 8, 2: 4, 3: 3, 4: 2][ranks] ?? 0
        #expect(message.hasPrefix("iteration 0 ends before its update: the loss is inf\nrank \(rank) ("))
        #expect(
            message.contains(
                """
                ): layer grow (Exp): its output "grown" is the first that is not finite, for 1 of its \(pairs) pairs:
                    train1.txt:5: images/04_coffee_a.jpg and train2.txt:5: images/05_coffee_b.jpg
                What goes into it reaches 100: no large numbers, so look at what the layer does with them
                """), "\(message)")
        #expect(message.contains("The learning rate was 0.01. "))
    }

    /// The third sub-batch of the first iteration has line 5 of a batch of 2.
    @Test(arguments: [1, 2])
    func namesThePairOfASubBatch(ranks: Int) throws {
        let run = try Self.runWithAGuiltyPair()
        for (file, old, new) in [
            (Self.net, "batch_size: 8", "batch_size: 2"), ("solver.prototxt", "max_iter", "iter_size: 4\nmax_iter"),
        ] {
            try run.folder.write(file, try run.folder.text(of: file).replacing(old, with: new))
        }
        let message = Self.message(try Self.train(run, ranks: ranks), steps: 0)
        #expect(message.contains("layer grow (Exp)"))
        #expect(
            message.contains(
                ":\n    train1.txt:5: images/04_coffee_a.jpg and train2.txt:5: images/05_coffee_b.jpg\nWhat"))
    }

    /// A rate at which weights grow until an activation is more than a float holds.
    @Test(arguments: [nil, .allReduce, .sharded, .factors] as [ExchangeMethod?], [1, 2])
    func aTrainingThatRunsAway(exchange: ExchangeMethod?, ranks: Int) throws {
        let run = try Self.run(net: { $0 = $0.replacing("top: \"fc7\"\n", with: "top: \"fc7\"\n") + "\n" })
        try run.folder.write(
            "solver.prototxt",
            try run.folder.text(of: "solver.prototxt").replacing("base_lr: 0.01", with: "base_lr: 1e12"))
        let ends = try Self.train(run, ranks: ranks, exchange: exchange, steps: 20)
        #expect(Set(ends.map(\.message)).count == 1)
        #expect(ends.allSatisfy { !$0.isChanged })
        let message = ends[0].message
        #expect(message.hasPrefix("iteration \(ends[0].steps) ends before its update: "), "\(message)")
        #expect(message.contains("the training has run away") || message.contains("have blown them up"), "\(message)")
        #expect(message.contains("The learning rate was 1e+12. "))
    }

    /// The loss is a number, and the gradient is not: that of a root at 0.
    @Test(arguments: [1, 2], ["", "clip_gradients: 1\n"])
    func aGradientOfAFiniteLoss(ranks: Int, solver: String) throws {
        let run = try Self.run(solver: solver) {
            $0 += """
                layer { name: "zero" type: "Eltwise" bottom: "fc7" bottom: "fc7" top: "zero"
                  eltwise_param { coeff: 1 coeff: -1 } }
                layer { name: "root" type: "Power" bottom: "zero" top: "root" power_param { power: 0.5 } }
                layer { name: "total" type: "Reduction" bottom: "root" top: "total" loss_weight: 0.01 }

                """
        }
        let message = Self.message(try Self.train(run, ranks: ranks), steps: 0)
        #expect(
            message.hasPrefix("iteration 0 ends before its update: a gradient is not finite (the loss is "),
            "\(message)")
        #expect(message.contains("layer root (Power): the gradient of its input "), "\(message)")
        #expect(message.contains("What goes into it reaches 0.01: no large numbers"), "\(message)")
        #expect(message.contains("pairs:\n    train1.txt:"))
    }

    /// Each loss is a number, and their sum is not.
    @Test(arguments: [1, 2])
    func aLossWithAWeightBeyondBounds(ranks: Int) throws {
        let run = try Self.run {
            $0 = $0.replacing("  top: \"loss\"\n", with: "  top: \"loss\"\n  loss_weight: 3.4e38\n")
        }
        let message = Self.message(try Self.train(run, ranks: ranks), steps: 0)
        #expect(message.hasPrefix("iteration 0 ends before its update: the loss is inf\nrank 0 ("), "\(message)")
        #expect(
            message.contains("layer loss (ContrastiveLoss): its output \"loss\" times its loss_weight is"), "\(message)"
        )
    }

    /// Weights that an update before has spoilt on all ranks.
    @Test(arguments: [1, 2])
    func weights(ranks: Int) throws {
        let message = Self.message(
            try Self.train(try Self.run(), ranks: ranks) { trainer, step in
                let blob = trainer.net.parameters.parameters[12].blob
                if step == 1 { blob.copyData(from: [.nan] + blob.dataArray.dropFirst()) }
            }, steps: 1)
        #expect(
            message.contains("the weights fc7[0] are not finite any more: the update before has blown them up"),
            "\(message)")
    }

    /// Only tower B is spoilt, and the ranks that carry tower A stop as well.
    @Test func halves() throws {
        let run = try Self.run()
        let ends = try Self.train(run, ranks: 4, placement: .split) { trainer, step in
            guard step == 1, let conv = trainer.net.step(named: "conv4_p")?.layer.parameters[0].blob else { return }
            conv.copyData(from: conv.dataArray.map { _ in 3e38 })
        }
        let message = Self.message(ends, steps: 1)
        #expect(message.contains("\nrank 2 ("), "\(message)")
        #expect(message.contains("layer conv4_p (Convolution): its output "), "\(message)")
        #expect(message.contains(", its weights 3e+38: the training has run away."), "\(message)")
    }

    /// What an update has spoilt is not written over what was good.
    @Test(arguments: [false, true])
    func noSnapshotOfBrokenWeights(ofHistory: Bool) throws {
        let run = try Self.run()
        let trainer = try Trainer(try run.plan(), communicator: SoloCommunicator(), log: RecordingLog().log)
        // The first update makes it infinite, or leaves it so; the loss before knows nothing of it.
        let buffer = ofHistory ? trainer.solver.history[0] : trainer.net.parameters.values
        let range = trainer.net.parameters.range(of: 1)
        let fault = #expect(throws: RunFault.self) {
            buffer.copy([ofHistory ? .infinity : -.infinity], at: range.lowerBound)
            try trainer.run()
        }
        let error = fault?.cause as? NonFiniteError
        let expected = ofHistory ? "iteration 1: the update before has made weights of conv1[1] infinite" : "iteration "
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
        #expect(try !run.folder.names.contains { $0.contains("caffemodel") || $0.contains("solverstate") })
    }

    @Test func allIsWell() throws {
        let ends = try Self.train(try Self.run(), ranks: 2)
        #expect(ends.allSatisfy { $0.message == "" && $0.steps == 3 })
    }
}

extension Trainer {
    fileprivate var weightBits: [UInt32] {
        net.parameters.values.withSpan { span in span.indices.map { span[$0].bitPattern } }
    }
}
