import CaffeProto
package import Comm
package import Nets
import Tensors

/// Whole training steps on one batch of random pictures, for timing: forward, backward, exchange, update.
///
/// The arithmetic of `Trainer.step` without its input, its log and its snapshots.
package final class StepBenchmark {
    package let net: Net
    /// Spans of all layers, exchanges and updates.
    package let timeline = Timeline()
    private let training: (solver: Solver, exchange: ExchangeSchedule)?
    private var iteration = 0

    /// - Parameter net: of phase TRAIN for whole steps; of phase TEST for forward passes.
    package init(_ net: Net, options: ExchangeOptions, communicator: any Communicator) throws {
        self.net = net
        net.parameters.fill(seed: 1)
        net.fillInputsAtRandom()
        net.timeline = timeline
        guard net.context.phase == .train else {
            training = nil
            return
        }
        let plan = ExchangePlan(
            for: net, subBatches: 1, options: options, model: try ExchangeModel.measure(over: communicator))
        let thread = CommunicationThread(isInline: communicator.size == 1)
        let exchange = ExchangeSchedule(plan, net: net, communicator: communicator, thread: thread)
        training = (try Solver.make(Self.momentum(), store: net.parameters), exchange)
    }

    /// What most nets are trained by.
    ///
    /// The rate is so small that random pictures can't blow the weights up.
    private static func momentum() throws -> SolverSettings {
        var solver = SolverParameter()
        solver.baseLr = 1e-6
        solver.lrPolicy = "fixed"
        solver.momentum = 0.9
        solver.weightDecay = 0.0005
        solver.maxIter = 1
        return try SolverSettings(solver)
    }

    /// How the gradients are exchanged; nil without training.
    package var exchangePlan: ExchangePlan? { training?.exchange.plan }

    /// One step.
    ///
    /// Collective.
    package func step() throws {
        timeline.begin(step: iteration)
        guard let (solver, exchange) = training else {
            for _ in 0..<passes { try net.forward() }
            return
        }
        for pass in 0..<passes {
            exchange.begin(pass: pass)
            try net.forward()
            try net.backward(ready: exchange.ready)
        }
        try exchange.finish()
        Timeline.measure(.update, "check gradients", in: timeline) {
            precondition(FiniteWatch(net.parameters, division: exchange.division).brokenGradients.isEmpty)
        }
        try Timeline.measure(.update, "weights", in: timeline) {
            try solver.update(iteration: iteration, division: exchange.division)
        }
        try exchange.share()
        iteration += 1
    }

    /// How often the net runs in a step.
    package var passes: Int { training?.exchange.passes ?? net.context.pieces }

    package func close() { training?.exchange.thread.close() }
}
