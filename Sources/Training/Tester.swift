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
    /// The pairs of a net with a contrastive loss, each once, in list order; on rank zero only.
    package var pairs: [Pair]
}

/// Runs a TEST net over its lists; each pass begins at their first pair, so that every pass sees the same pairs.
package final class Tester {
    package let net: Net
    package let input: PhaseInput
    private let iterations: Int
    private let communicator: any Communicator

    /// - Parameters:
    ///   - owner: the training net whose weights are looked at, or nil when they are loaded.
    ///   - iterations: how many batches; nil for as many as the list fills.
    package init(
        _ definition: PhaseNet, batchSize: Int, seed: UInt64, options: RunOptions, owner: Net?, iterations: Int?,
        communicator: any Communicator
    ) throws {
        self.communicator = communicator
        input = try PhaseInput(
            definition, batchSize: batchSize, seed: seed, options: options, communicator: communicator)
        self.iterations = iterations ?? (input.list.count + batchSize - 1) / batchSize
        net = try Net(definition.net, context: input.context, sharingWeightsOf: owner, place: definition.place)
    }

    package func run() throws -> TestResult {
        input.start(at: 0)
        var totals: [Double] = []
        var pairs: [TestResult.Pair] = []
        for _ in 0..<iterations {
            try communicator.together { _ = try input.loadNext(into: net) }
            try net.forward()
            let values = net.batchOutputs.map(\.value)
            totals = totals.isEmpty ? values : zip(totals, values).map(+)
            pairs += distances()
        }
        try communicator.allReduceSum(&totals)
        let outputs = zip(net.batchOutputs, totals).map { output, total in
            TrainingLog.Output(
                name: output.name, value: total / Double(iterations), lossWeight: output.lossWeight)
        }
        return TestResult(outputs: outputs, pairs: try gather(pairs))
    }

    /// This shard's distances; pairs that the last batch takes from the start of the list again are left out.
    private func distances() -> [TestResult.Pair] {
        guard let loss = net.steps.lazy.compactMap({ $0.layer as? ContrastiveLossLayer }).first else { return [] }
        let first = input.context.firstPosition
        return zip(loss.distances, loss.matches).enumerated().compactMap { index, pair in
            guard first + index < input.list.count else { return nil }
            return TestResult.Pair(position: first + index, distance: pair.0, isMatch: pair.1)
        }
    }

    private func gather(_ pairs: [TestResult.Pair]) throws -> [TestResult.Pair] {
        let bytes = [UInt8](try JSONEncoder().encode(pairs))
        return try communicator.gather(bytes)
            .flatMap { try JSONDecoder().decode([TestResult.Pair].self, from: Data($0)) }
            .sorted { $0.position < $1.position }
    }

    /// The whole of `twotower test`: reads the net, loads the weights, runs. Collective.
    package static func test(
        model: String, weights: [String], iterations: Int?, options: RunOptions, communicator: any Communicator,
        log: TrainingLog
    ) throws -> TestResult {
        let tester = try communicator.together {
            let definition = try PhaseNet.load(model, phase: .test)
            for note in definition.notes { log.warn(note) }
            let tester = try Tester(
                definition, batchSize: try definition.batchSize(), seed: 1, options: options, owner: nil,
                iterations: iterations, communicator: communicator)
            for file in weights { log.say("Weights from \(file): \(try tester.net.loadWeights(from: file))") }
            return tester
        }
        log.say(tester.input.sentence)
        return try tester.run()
    }
}
