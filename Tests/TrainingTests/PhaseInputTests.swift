import Comm
import Foundation
import Nets
import Pairs
import TestSupport
import Testing
import Training

struct PhaseInputTests {
    /// Both ranks' parts of a batch together are one rank's batch.
    @Test
    func shardsMakeTheBatch() throws {
        let whole = try Self.batches(ranks: 1)[0]
        let parts = try Self.batches(ranks: 3)
        #expect(parts.map(\.count) == [3, 3, 3])
        for batch in whole.indices {
            #expect(parts.flatMap { $0[batch] } == whole[batch])
        }
        #expect(whole[0] != whole[1])
    }

    /// The labels and a few pixels of three batches, rank by rank; shuffled, and 8 does not divide 20.
    private static func batches(ranks: Int) throws -> [[[Float]]] {
        let run = try GoldenRun("net_contrastive", editNet: GoldenRun.stir)
        return try ThreadCommunicator.run(ranks) { communicator in
            let definition = try PhaseNet.load(run.net("net_contrastive"), phase: .train)
            let input = try PhaseInput(
                definition, batchSize: 8, seed: 3, options: RunOptions(), team: Team(communicator))
            let net = try Net(definition.net, context: input.context)
            defer { input.stop() }
            return try (0..<3).map { _ in
                #expect(try input.loadNext(into: net) >= 0)
                return try Self.samples(of: net)
            }
        }
    }

    /// For each sample its label and one pixel of each picture.
    private static func samples(of net: Net) throws -> [Float] {
        let data = try ["data", "data_p"].map { try #require(net.step(named: $0)?.top) }
        let pixels = data.map { $0[0].plainData }
        let labels = data[0][1].plainData
        let size = pixels[0].count / labels.count
        return labels.indices.flatMap { [labels[$0], pixels[0][$0 * size + 7], pixels[1][$0 * size + 7]] }
    }

    @Test
    func theSentenceCountsTheLabels() throws {
        let run = try GoldenRun("net_contrastive")
        let input = try PhaseInput(
            try PhaseNet.load(run.net("net_contrastive"), phase: .train), batchSize: 8, seed: 1, options: RunOptions(),
            team: Team(SoloCommunicator()))
        defer { input.stop() }
        #expect(input.sentence == "train1.txt and train2.txt: 20 pairs (label 0: 9, label 1: 11)")
        #expect(input.batchSize == 8)
        #expect(input.source.count == 20)
    }

    private static func list(_ input: PhaseInput) throws -> PairList {
        try #require(input.source as? ImagePairs).list
    }

    /// `--root-folder` stands in for the net's own, and is put before each path as it is.
    @Test
    func theRootFolderIsPutBefore() throws {
        let run = try GoldenRun(
            "net_contrastive",
            editNet: { $0 = $0.replacing("batch_size: 8", with: "batch_size: 8\n    root_folder: \"nowhere/\"") })
        var options = RunOptions()
        options.rootFolder = Golden.directory.path + "/"
        let definition = try PhaseNet.load(run.net("net_contrastive"), phase: .train)
        let input = try PhaseInput(
            definition, batchSize: 8, seed: 1, options: options, team: Team(SoloCommunicator()))
        defer { input.stop() }
        #expect(try Self.list(input).path(column: 0, index: 0) == Golden.path("images/00_astronaut_a.jpg"))
        let own = try PhaseInput(
            definition, batchSize: 8, seed: 1, options: RunOptions(), team: Team(SoloCommunicator()))
        defer { own.stop() }
        #expect(try Self.list(own).path(column: 0, index: 0) == "nowhere/images/00_astronaut_a.jpg")
    }
}
