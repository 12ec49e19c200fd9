import CaffeProto
import Foundation
import Nets
import Pairs
import Tensors

/// What one host finds of a training's definitions, lists and images.
package struct InputFacts: Codable, Equatable, Sendable {
    /// The lists or databases of one phase.
    package struct Phase: Codable, Equatable, Sendable {
        var name: String
        var files: [String] = []
        var count = 0
        var fingerprint: UInt64 = 0
        /// Of the first so many lines, at `marks` places evenly over the list: shows where two lists begin to differ.
        var prefixes: [UInt64] = []
        /// The first images that are not there, a sentence each.
        var missing: [String] = []
        /// Of sampled images: where each is named, and a hash of its file; 0 where it was not read.
        var samples: [Sample] = []
        /// Why the lists can't be read.
        var error: String?
    }

    package struct Sample: Codable, Equatable, Sendable {
        let place: String
        let hash: UInt64
    }

    /// How many lines of a list are told apart, and how many pairs of it are sampled.
    static let marks = 256
    static let pairs = 50

    package private(set) var phases: [Phase] = []
    /// Why the definitions can't be read.
    package private(set) var error: String?

    /// - Parameter definitions: reads them; its error is kept.
    package init(_ definitions: () throws -> Definitions, options: RunOptions) {
        do {
            phases = try definitions().phases.enumerated().map { index, phase in
                let number = phase.phase == .test ? " #\(index - 1)" : ""
                return Self.look(at: phase, "\(phase.phase.rawValue)\(index > 0 ? number : "")", options)
            }
        } catch {
            self.error = "\(error)"
        }
    }

    private static func look(at definition: PhaseNet, _ name: String, _ options: RunOptions) -> Phase {
        var facts = Phase(name: name)
        do {
            guard definition.dataLayers.contains(where: { $0.type == "ImageData" }) else {
                let source = try PhaseInput.source(of: definition, seed: 1, options: options)
                (facts.files, facts.count, facts.fingerprint) = (source.files, source.count, source.fingerprint)
                return facts
            }
            let list = try PhaseInput.list(of: definition, options: options)
            (facts.files, facts.count, facts.fingerprint) = (list.sources.map(\.file), list.count, list.fingerprint)
            facts.prefixes = prefixes(of: list)
            facts.missing = list.missingImages(limit: 5).map(\.description)
            facts.samples = samples(of: list)
        } catch {
            facts.error = "\(error)"
        }
        return facts
    }

    /// The lines at which prefixes end: `marks` of them, or each line of a short list.
    static func ends(count: Int) -> [Int] { (1...min(marks, count)).map { count * $0 / min(marks, count) } }

    private static func prefixes(of list: PairList) -> [UInt64] {
        var (hash, line) = (Fingerprint(), 0)
        return ends(count: list.count).map { end in
            while line < end {
                for column in 0..<list.columns { hash.add(list.path(column: column, index: line)) }
                hash.add(UInt64(list.labels[line].bitPattern))
                line += 1
            }
            return hash.value
        }
    }

    /// Evenly over the list, as many as can be read in some seconds.
    private static func samples(of list: PairList) -> [Sample] {
        let start = ContinuousClock.now
        let wanted = min(pairs, list.count)
        return (0..<wanted).flatMap { number in
            let index = list.count * number / wanted
            return (0..<list.columns).map { column in
                let path = list.path(column: column, index: index)
                let isLate = start.duration(to: .now) > .seconds(4)
                let data = isLate ? nil : list.search.find(path).flatMap { FileManager.default.contents(atPath: $0) }
                return Sample(
                    place: "\(path) (\(list.place(column: column, index: index)))",
                    hash: data.map { Fingerprint(of: [UInt8]($0).span).value } ?? 0)
            }
        }
    }
}
