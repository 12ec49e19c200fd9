package import Comm
package import Nets
import Pairs
import Tensors

extension FloatStorage: FloatBuffer {}

/// Carries an exchange plan out: starts each exchange as soon as backward has made its last gradient, and waits for all.
///
/// Gradients become ready from the last parameter to the first; buckets are stretches of the flat gradient buffer in that
/// order. One thread does all the talking while this one computes.
package final class ExchangeSchedule {
    /// Buckets are closed once they reach this many floats: 4 MiB, long enough for full bandwidth, short enough to start
    /// before backward ends.
    private static let bucketFloats = 1 << 20

    /// An exchange as the communication thread gets it, which then has buffers and communicator for itself.
    @safe private struct Item: @unchecked Sendable {
        let name: String
        let exchange: any GradientExchange
        let communicator: any Communicator

        func run(_ timeline: Timeline?) throws {
            try Timeline.measure(.exchange, name, in: timeline) { try exchange.exchange(over: communicator) }
        }
    }

    package let plan: ExchangePlan
    package let thread: CommunicationThread
    private let net: Net
    private let communicator: any Communicator
    /// By the parameter that becomes ready last.
    private var items: [Int: [Item]] = [:]
    private var sharded: [(range: Range<Int>, exchange: ShardedExchange)] = []
    private let tree: GradientTree
    /// How many times the net runs forward and backward in a step: once a sub-batch, or once a micro-batch.
    package let passes: Int
    private var pass = 0

    /// Prepares buffers and exchanges; after this the net keeps factors where the plan says so.
    package init(_ plan: ExchangePlan, net: Net, communicator: any Communicator, thread: CommunicationThread) {
        self.plan = plan
        self.net = net
        self.communicator = communicator
        self.thread = thread
        passes = plan.subBatches * net.context.pieces
        tree = GradientTree(
            plan.lines.filter { $0.method == .tree }.map(\.index), of: net.parameters, leaves: net.context.pieces)
        for factorPlan in plan.factorPlans { keepFactors(factorPlan) }
        for run in Self.runs(of: plan, in: net.parameters) { add(run) }
    }

    private func keepFactors(_ plan: Net.FactorPlan) {
        let factors = net.keepFactors(plan, subBatches: self.plan.subBatches)
        guard communicator.size > 1, let batch = net.context.globalBatch else { return }
        let each = plan.rows / batch
        let samples = Shard.counts(batch: batch, worldSize: communicator.size).map { $0 * each }
        let exchange = FactorsExchange(
            [.init(factors.left, width: factors.leftWidth), .init(factors.right, width: factors.rightWidth)],
            blocks: factors.blocks, samples: samples)
        items[plan.weights, default: []].append(
            Item(name: net.parameters.parameters[plan.weights].name, exchange: exchange, communicator: communicator))
    }

    // MARK: Buckets

    /// Neighbouring parameters of one method, in the order in which they become ready.
    private struct Run {
        let method: ExchangeMethod
        /// The lowest index: ready last.
        var lowest: Int
        let highest: Int
        var range: Range<Int>
    }

    private static func runs(of plan: ExchangePlan, in store: ParameterStore) -> [Run] {
        var runs: [Run] = []
        for line in plan.lines.reversed() where line.method != .factors {
            let range = store.range(of: line.index)
            if let last = runs.last, last.method == line.method, last.lowest == line.index + 1,
                last.range.count < bucketFloats
            {
                runs[runs.count - 1].lowest = line.index
                runs[runs.count - 1].range = range.lowerBound..<last.range.upperBound
            } else {
                runs.append(Run(method: line.method, lowest: line.index, highest: line.index, range: range))
            }
        }
        return runs
    }

    private func add(_ run: Run) {
        guard communicator.size > 1, let gradients = net.parameters.gradients else { return }
        let names = net.parameters.parameters
        let name =
            run.lowest == run.highest
            ? names[run.lowest].name : "\(names[run.highest].name) to \(names[run.lowest].name)"
        let exchange: any GradientExchange
        if run.method == .sharded {
            let divided = ShardedExchange(
                gradients: gradients, weights: net.parameters.values, run.range, ranks: communicator.size)
            sharded.append((run.range, divided))
            exchange = divided
        } else if run.method == .tree {
            exchange = TreeExchange(gradients, run.range, ranks: communicator.size)
        } else {
            exchange = AllReduceExchange(gradients, run.range, wire: plan.wire)
        }
        items[run.lowest, default: []].append(Item(name: name, exchange: exchange, communicator: communicator))
    }

    // MARK: A step

    /// A pass begins, by its number in the step.
    package func begin(pass: Int) {
        self.pass = pass
        let isPiece = net.context.pieces > 1
        if pass == 0 || isPiece { net.parameters.clearGradients(keepingFactors: pass > 0) }
    }

    /// Backward has made this parameter's gradient, and those of all behind it; after the last pass they are exchanged while
    /// backward goes on.
    package func ready(_ index: Int) {
        tree.add(index, leaf: pass, in: net.timeline)
        guard pass == passes - 1 else { return }
        for item in items[index] ?? [] {
            let timeline = net.timeline
            thread.post { try item.run(timeline) }
        }
    }

    /// Waits until the gradients of the global batch are there.
    package func finish() throws {
        try Timeline.measure(.wait, "gradients", in: net.timeline) { try thread.finish() }
        for parameter in net.parameters.parameters { parameter.sumRows() }
    }

    /// Collects the weights that other ranks have updated.
    package func share() throws {
        guard !sharded.isEmpty else { return }
        try Timeline.measure(.share, "weights", in: net.timeline) {
            for (_, exchange) in sharded { try exchange.share(over: communicator) }
        }
    }

    /// What this rank updates of the parameters.
    package var division: UpdateDivision {
        guard !sharded.isEmpty else { return .none }
        let (sharded, communicator) = (sharded, communicator)
        return UpdateDivision(
            own: { range in
                let part = sharded.first { $0.range.contains(range.lowerBound) }
                return part.map { range.clamped(to: $0.exchange.range(ofRank: communicator.rank)) } ?? range
            },
            isDivided: { range in sharded.contains { $0.range.contains(range.lowerBound) } },
            sum: { values in try communicator.allReduceSum(&values) })
    }

    /// Gives rank zero the history that other ranks keep.
    ///
    /// Collective; before a snapshot.
    package func gatherHistory(of solver: Solver) throws {
        for (_, exchange) in sharded {
            for history in solver.history { try exchange.gather(history, over: communicator, toAll: false) }
        }
    }
}
