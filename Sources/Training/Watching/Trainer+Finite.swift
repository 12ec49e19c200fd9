import Comm
import Nets

/// A loss, a gradient or a weight is infinite or undefined: where that began, what it means, what to do.
package struct NonFiniteError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

extension Trainer {
    /// How many parameters have a gradient that this rank must not use; sum it over the ranks with the loss.
    var brokenGradients: Double {
        Double(FiniteWatch(net.parameters, division: exchange.division).brokenGradients.count)
    }

    /// Stops all ranks before the update if the loss, or a gradient that some rank is about to use, is not finite.
    ///
    /// Collective.
    ///
    /// - Parameter totals: sums over the ranks: the loss first, the number of broken gradients last.
    func checkFinite(_ totals: [Double]) throws {
        var isBroken = [totals[0].isFinite && totals[totals.count - 1] == 0 ? 0 : 1]
        // The halves have gradients of their own.
        if team.half != nil { try team.world.allReduceMaximum(&isBroken) }
        if isBroken[0] > 0 { try stop(loss: totals[0] / Double(plan.settings.iterSize)) }
    }

    private func stop(loss: Double) throws {
        let broken = FiniteWatch(net.parameters, division: exchange.division).brokenGradients
        var search = NonFiniteSearch(net: net, input: input)
        try search.run(from: iteration * plan.settings.iterSize, passes: exchange.passes) { pass in
            exchange.begin(pass: pass)
            func load() throws { _ = try input.loadNext(into: net) }
            if input.beginsBatch { try communicator.together(load) } else { try load() }
        }
        let origin = try Origin(search.finding, broken: broken, over: communicator)
        let what = loss.isFinite ? "a gradient is not finite (the loss is \(loss))" : "the loss is \(loss)"
        let rate = TrainingLog.format(Double(plan.settings.learningRate(at: iteration)))
        try communicator.together {
            guard communicator.isRankZero else { return }
            throw NonFiniteError(
                description: """
                    iteration \(iteration) ends before its update: \(what)
                    rank \(origin.rank) (\(communicator.hosts[origin.rank])): \(origin.sentence)
                    The learning rate was \(rate). If numbers grew until they ran away, lower base_lr, begin with \
                    warm_up, or bound the step by clip_gradients; a margin far beyond the distances drives them too. \
                    Nothing of this is written: --resume goes on from the last snapshot.
                    """)
        }
    }

    /// Refuses to write weights, or what the solver remembers, that are no numbers: a later training could not mend them.
    ///
    /// Collective.
    func checkWeights() throws {
        try communicator.together {
            let broken = Set(([net.parameters.values] + solver.history).flatMap(net.parameters.broken))
            guard broken.isEmpty else {
                throw NonFiniteError(
                    description:
                        "iteration \(iteration): the update before has made weights of \(Lints.joined(broken.sorted())) "
                        + "infinite or undefined, so no snapshot of them is written; lower base_lr, begin with warm_up, or "
                        + "bound the step by clip_gradients, and go on from the last snapshot with --resume")
            }
        }
    }
}

/// On which rank a number was the first not to be finite, and where.
private struct Origin {
    let rank: Int
    let sentence: String

    /// Collective.
    ///
    /// - Parameters:
    ///   - finding: this rank's.
    ///   - broken: the gradients that it must not use.
    init(_ finding: NonFiniteSearch.Finding?, broken: [String], over communicator: any Communicator) throws {
        // The earliest, and of equals the lowest rank's; the last in time are the ranks that have found nothing themselves.
        let time = finding?.time ?? (broken.isEmpty ? Int(Int32.max) : Int(Int32.max) - 1)
        var first = [time * communicator.size + communicator.rank]
        try communicator.allReduceMinimum(&first)
        rank = first[0] % communicator.size
        let sentence =
            finding?.sentence
            ?? "each rank's own numbers are finite, but their sum over the ranks is not"
            + (broken.isEmpty ? "" : ", in the gradient of \(Lints.joined(broken))")
            + ": they have grown to the end of what a float holds"
        self.sentence = try communicator.allGather(sentence)[rank]
    }
}
