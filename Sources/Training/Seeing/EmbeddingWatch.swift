import Comm
import Foundation
import Nets
import Tensors

/// Gathers how the embeddings of a test are spread, for histograms; each rank those of its shards.
struct EmbeddingWatch {
    private let names: [String]
    private(set) var histograms: [String: ValueHistogram] = [:]

    /// - Parameter definition: a net of two towers; of any other, nothing is watched.
    init(_ definition: PhaseNet) {
        let deploy = try? definition.deployed()
        let made = TowerSplit.Half.allCases.compactMap { deploy?.embedding(of: $0) }
        names = made.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Adds what a forward pass has left in the embeddings.
    mutating func note(_ net: Net) {
        for name in names {
            guard let blob = net.blob(name), blob.layout == .plain else { continue }
            histograms[name, default: ValueHistogram()].add(blob.dataArray)
        }
    }

    /// The histograms over all ranks, on rank zero; collective.
    func gather(over team: Team) throws -> [String: ValueHistogram] {
        guard !names.isEmpty else { return [:] }
        var all: [String: ValueHistogram] = [:]
        for message in try team.own.gather([UInt8](JSONEncoder().encode(histograms))) {
            for (name, part) in try JSONDecoder().decode([String: ValueHistogram].self, from: Data(message)) {
                all[name, default: ValueHistogram()].add(part)
            }
        }
        return all
    }
}
