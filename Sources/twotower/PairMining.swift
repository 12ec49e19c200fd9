import Comm
import Foundation
import Nets
import Pairs
import Tensors
import Training
import Verification

/// Mines impostor pairs of a split with a trained net: embeds its images with both towers, and looks for the nearest of
/// other identities, over all ranks.
///
/// Works in a folder beside the lists, which all ranks must see, and which is removed in the end.
struct PairMining {
    let images: ImageCollection
    let part: IdentitySplit.Part
    let arguments: HardNegativeArguments
    let map: SuffixRule?
    let options: RunOptions
    /// The folder for the lists.
    let output: String
    let seed: UInt64
    let progress: ProgressArguments
    let communicator: any Communicator
    let log: TrainingLog

    /// What was mined; nothing on other ranks than zero.
    struct Mined {
        var pairs: [MadePair] = []
        /// The mean distances of the mined pairs and of as many drawn ones.
        var distances: (mined: Double, drawn: Double)?
    }

    private var folder: String { "\(output)/.mining" }

    /// Collective.
    ///
    /// - Parameter maker: makes the split's pairs.
    func run(_ maker: PairMaker) throws -> Mined {
        let sides = [0, 1].map { SplitSide(images.table, part, side: $0) }
        defer { if communicator.isRankZero { try? FileManager.default.removeItem(atPath: folder) } }
        try communicator.together {
            guard communicator.isRankZero else { return }
            for (number, side) in sides.enumerated() {
                try AtomicFile.makeFolder(of: list(number))
                try AtomicFile.write(to: list(number)) { append in try side.write { try append(Data($0)) } }
            }
        }
        for (number, tower) in [TowerSplit.Half.a, .b].enumerated() { try embed(number, tower) }
        let files = try communicator.together { try [0, 1].map { try EmbeddingFile(embeddings($0)) } }
        let nearest = try search(files, sides)
        guard communicator.isRankZero else { return Mined() }
        return mined(maker, sides, files, nearest)
    }

    private func list(_ side: Int) -> String { "\(folder)/images\(side + 1).txt" }
    private func embeddings(_ side: Int) -> String { "\(folder)/images\(side + 1).npy" }

    /// Writes the embeddings of a side's images; collective.
    private func embed(_ side: Int, _ tower: TowerSplit.Half) throws {
        var options = options
        options.rootFolder = ""
        let pass = try TowerPass.make(
            TrainedNet(
                model: arguments.model ?? "", weights: (arguments.weights ?? "").split(separator: ",").map(String.init),
                map: map),
            tower: tower, list: list(side), blob: nil, options: options, communicator: communicator, log: log)
        var writer: EmbeddingWriter?
        try communicator.together {
            guard communicator.isRankZero else { return }
            writer = try EmbeddingWriter(embeddings(side), count: pass.count, length: pass.lengths[0])
        }
        var bar = progress.bar("images", communicator)
        try pass.run { batch in
            guard let writer else { return }
            try writer.append(rows: batch.rows[0])
            bar.show(writer.written, of: pass.count)
        }
        Console.showProgress("")
        try communicator.together { try writer?.finish() }
    }

    /// For each image of the first side, the nearest of other identities on the second; empty on other ranks than zero.
    ///
    /// Collective.
    private func search(_ files: [EmbeddingFile], _ sides: [SplitSide]) throws -> [[Int32]] {
        let (wanted, skip) = (arguments.neighbours ?? 0, arguments.skip)
        var options = SearchOptions()
        // Those of the anchor's own identity may all be nearer.
        options.neighbours = min(wanted + skip + sides[1].largestIdentity, files[1].count)
        let search = try ExactSearch(
            index: files[1], queries: files[0], relevance: .nothing, options: options, communicator: communicator)
        var nearest: [[Int32]] = []
        try search.run { result in
            for (query, neighbours) in zip(result.queries, result.neighbours) {
                let own = sides[0].identity(of: query)
                let others = neighbours.lazy.map(\.row).filter { sides[1].identity(of: $0) != own }
                nearest.append(others.dropFirst(skip).prefix(wanted).map { sides[1].images[$0] })
            }
        }
        return nearest
    }

    private func mined(
        _ maker: PairMaker, _ sides: [SplitSide], _ files: [EmbeddingFile], _ nearest: [[Int32]]
    ) -> Mined {
        let wanted = Int((arguments.share * Double(maker.impostorCount)).rounded())
        let hard = HardPairs(images.table, split: part.name, seed: seed)
            .pairs(for: maker.matchingPairs(), count: wanted) { nearest[sides[0].number(of: $0)] }
        func meanDistance(_ pairs: some Collection<MadePair>) -> Double {
            let distances = pairs.map { pair in
                files[0].withRows(sides[0].row(pair.first)) { a in
                    files[1].withRows(sides[1].row(pair.second)) { b in Self.distance(a, b) }
                }
            }
            return distances.reduce(0, +) / Double(distances.count)
        }
        let drawn = maker.impostorPairs().prefix(hard.count)
        guard !hard.isEmpty else { return Mined() }
        return Mined(pairs: hard, distances: (meanDistance(hard), meanDistance(drawn)))
    }

    private static func distance(_ a: Span<Float>, _ b: Span<Float>) -> Double {
        var sum = 0.0
        for index in a.indices {
            let difference = Double(a[index]) - Double(b[index])
            sum += difference * difference
        }
        return sum.squareRoot()
    }
}

extension SplitSide {
    /// The row of an image's embedding.
    fileprivate func row(_ image: Int32) -> Range<Int> {
        let number = number(of: Int(image))
        return number..<number + 1
    }
}
