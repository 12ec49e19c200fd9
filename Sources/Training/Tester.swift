package import Comm
import Foundation
package import Nets
import Pairs

/// What a test pass found: means over all batches and ranks.
package struct TestResult {
    /// The distance of a pair's embeddings, and what its list says of it.
    package struct Pair: Codable, Sendable {
        package let position: Int
        package let distance: Float
        package let isMatch: Bool
    }

    package var outputs: [TrainingLog.Output]
    /// The pairs of a net with a pair loss, each once, in list order; on rank zero only.
    package var pairs: [Pair]
    /// How many samples, over all ranks, were of other pairs than the lists have there, which can't be read; `pairs`
    /// lacks them.
    package var replaced = 0
    /// How the embeddings are spread, by the names of their blobs; on rank zero only, of a training with TensorBoard's files.
    var histograms: [String: ValueHistogram] = [:]
}

/// Runs a TEST net over its lists; each pass begins at their first pair, so that every pass sees the same pairs.
///
/// With a number of iterations (the solver's `test_iter`) it runs that many batches, and the lists repeat after their end
/// as in Caffe. Without one it runs over each pair exactly once: the pairs that fill no whole batch are one of their own.
package final class Tester {
    private let parts: [PassPart]
    private let team: Team
    /// What is looked at for histograms.
    private let embeddings: EmbeddingWatch?

    /// The net that has the weights.
    package var net: Net { parts[0].net }
    package var inputs: [PhaseInput] { parts.map(\.input) }
    package var sentence: String { parts[0].input.sentence }

    /// - Parameters:
    ///   - owner: the training net whose weights are looked at, or nil when they are loaded.
    ///   - iterations: how many batches; nil for each pair once.
    package init(
        _ definition: PhaseNet, batchSize: Int, seed: UInt64, options: RunOptions, owner: Net?, iterations: Int?,
        team: Team
    ) throws {
        self.team = team
        embeddings = options.tensorBoard == nil ? nil : EmbeddingWatch(definition)
        parts = try PassPart.parts(
            of: definition, batchSize: batchSize, seed: seed, options: options, owner: owner, iterations: iterations,
            team: team)
    }

    /// Runs all batches; collective.
    package func run() throws -> TestResult {
        guard let result = try run(listening: { try team.world.together($0) }, while: { true }) else {
            preconditionFailure("nobody breaks this test off")
        }
        return result
    }

    /// The same during a training, at this iteration; nil where the ranks are asked to stop, and break it off together.
    func run(_ stopping: Stopping, at iteration: Int) throws -> TestResult? {
        try run(listening: { try stopping.together(at: iteration, $0) }, while: { !stopping.isEnding })
    }

    private func run(
        listening together: (() throws -> Void) throws -> Void, while goesOn: () -> Bool
    ) throws -> TestResult? {
        var totals: [Double] = []
        var weight = 0.0
        var pairs: [TestResult.Pair] = []
        var embeddings = embeddings
        // Only whole batches, of one part, are cut.
        var microBatches = net.context.isDeterministic ? MicroBatchSums(net.context, batches: parts[0].batches) : nil
        let replacedBefore = inputs.reduce(0) { $0 + $1.replaced }
        for part in parts {
            part.input.start(atPosition: part.start)
            for _ in 0..<part.batches * part.net.context.pieces {
                func load() throws { _ = try part.input.loadNext(into: part.net) }
                if part.input.beginsBatch {
                    weight += Double(part.input.batchSize)
                    try together(load)
                } else {
                    try load()
                }
                guard goesOn() else { return nil }
                try part.net.forward()
                let size = Double(part.input.batchSize)
                let values = part.net.batchOutputs.map { $0.value * size }
                microBatches?.add(values)
                totals = totals.isEmpty ? values : zip(totals, values).map(+)
                pairs += distances(part)
                embeddings?.note(part.net)
            }
        }
        let replacedHere = Double(inputs.reduce(0) { $0 + $1.replaced } - replacedBefore)
        if let microBatches {
            totals = try microBatches.sum(over: team.own, with: replacedHere)
        } else {
            totals.append(replacedHere)
            try team.own.allReduceSum(&totals)
        }
        let replaced = Int(totals.removeLast())
        let outputs = zip(net.batchOutputs, totals).map { output, total in
            TrainingLog.Output(name: output.name, value: total / weight, lossWeight: output.lossWeight)
        }
        var result = TestResult(outputs: outputs, pairs: try gather(pairs), replaced: replaced)
        result.histograms = try embeddings?.gather(over: team) ?? [:]
        return result
    }

    package func stop() {
        for part in parts { part.input.stop() }
    }

    /// This shard's distances; pairs that the last batch takes from the start of the list again are left out, and those
    /// that stand in for pairs which can't be read.
    private func distances(_ part: PassPart) -> [TestResult.Pair] {
        guard let loss = part.net.steps.lazy.compactMap({ $0.layer as? any PairLossLayer }).first else { return [] }
        let first = part.input.context.firstPosition
        return zip(loss.distances, loss.matches).enumerated().compactMap { index, pair in
            guard first + index < part.input.source.count, !part.input.isReplaced(sample: index) else { return nil }
            return TestResult.Pair(position: first + index, distance: pair.0, isMatch: pair.1)
        }
    }

    private func gather(_ pairs: [TestResult.Pair]) throws -> [TestResult.Pair] {
        // A net that has lost its way puts out distances that are no numbers; they must arrive too.
        let words = (infinity: "inf", minus: "-inf", nan: "nan")
        let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: words.infinity, negativeInfinity: words.minus, nan: words.nan)
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: words.infinity, negativeInfinity: words.minus, nan: words.nan)
        return try team.own.gather([UInt8](encoder.encode(pairs)))
            .flatMap { try decoder.decode([TestResult.Pair].self, from: Data($0)) }
            .sorted { $0.position < $1.position }
    }

    /// The whole of `twotower test`: reads the net, loads the weights, runs; collective.
    ///
    /// - Parameter map: which layer's weights stand in where the files have none of a layer's name.
    package static func test(
        model: String, weights: [String], map: SuffixRule? = nil, iterations: Int?, options: RunOptions,
        communicator: any Communicator,
        log: TrainingLog
    ) throws -> TestResult {
        var options = options
        options.precision = try options.precision.agreed(over: communicator, log: log)
        let team = Team(communicator)
        let tester = try communicator.together {
            let definition = try PhaseNet.load(model, phase: .test)
            for note in definition.notes where communicator.isRankZero { log.warn(note) }
            let tester = try Tester(
                definition, batchSize: try definition.batchSize(), seed: 1, options: options, owner: nil,
                iterations: iterations, team: team)
            for input in tester.inputs { try input.check(communicator) }
            try tester.net.loadWeights(fromFiles: weights, map: map, log: log)
            return tester
        }
        log.say(tester.sentence)
        defer { tester.stop() }
        let report = BadImageReport(
            options.decoding.badImages, of: tester.inputs, prefix: nil, team: team, log: log)
        let result = try tester.run()
        try report?.collect()
        return result
    }
}
