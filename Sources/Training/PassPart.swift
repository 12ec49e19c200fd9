import Comm
import Nets
import Pairs

/// A run of batches of one size over a phase's lists, with a net of that size.
struct PassPart {
    let net: Net
    let input: PhaseInput
    let batches: Int
    /// Where it begins in the lists.
    let start: Int

    /// What runs a number of batches, or, where that is nil, takes each pair exactly once: the pairs that fill no whole batch
    /// are one of their own.
    ///
    /// - Parameter owner: the net whose weights are looked at; nil where they are loaded into the first part's net, which
    ///   the others look at.
    static func parts(
        of definition: PhaseNet, batchSize: Int, seed: UInt64, options: RunOptions, owner: Net?, iterations: Int?,
        team: Team
    ) throws -> [PassPart] {
        let own = try team.definition(of: definition)
        var parts: [PassPart] = []
        func add(batch: Int, batches: Int, start: Int) throws {
            let input = try PhaseInput(
                definition, column: own.column, batchSize: batch, seed: seed, options: options, team: team)
            let net = try Net(
                own.net, context: input.context, sharingWeightsOf: owner ?? parts.first?.net,
                place: definition.place)
            parts.append(PassPart(net: net, input: input, batches: batches, start: start))
        }
        if let iterations {
            try add(batch: batchSize, batches: iterations, start: 0)
        } else {
            let pairs = try PhaseInput.source(of: definition, seed: seed, options: options).count
            let plan = cover(pairs, batch: batchSize, ranks: team.own.size)
            if plan.whole > 0 { try add(batch: batchSize, batches: plan.whole, start: 0) }
            if plan.rest > 0 { try add(batch: plan.rest, batches: 1, start: plan.whole * batchSize) }
        }
        return parts
    }

    /// How many whole batches, and how many pairs in the last one, so that each rank has at least one pair of it.
    static func cover(_ pairs: Int, batch: Int, ranks: Int) -> (whole: Int, rest: Int) {
        let (whole, rest) = pairs.quotientAndRemainder(dividingBy: batch)
        return rest == 0 || rest >= ranks || whole == 0 ? (whole, rest) : (whole - 1, batch + rest)
    }
}
