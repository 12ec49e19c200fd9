package import CaffeProto
import Foundation
package import Nets
package import Pairs
import Tensors

/// A net's definition as one phase sees it, with where it came from.
package struct PhaseNet {
    /// In today's form, filtered for the phase.
    package let definition: NetDefinition
    package let phase: NetContext.Phase
    package let path: String

    /// Reads a net's prototxt for a phase.
    ///
    /// - Parameter state: the solver's `train_state` or `test_state`, whose level and stages choose layers too.
    package static func load(_ path: String, phase: NetContext.Phase, state: NetState? = nil) throws -> PhaseNet {
        try PhaseNet(try NetDefinition.read(file: path), path: path, phase: phase, state: state)
    }

    /// A phase of a net that has been read from `path`, a net's prototxt or a solver's.
    init(_ whole: NetDefinition, path: String, phase: NetContext.Phase, state solver: NetState?) throws {
        let wanted: Phase = phase == .train ? .train : .test
        let state = NetFilter.state(wanted, net: whole.net.state, solver: solver)
        guard state.phase == wanted else {
            throw NetError(
                "\(path): a state says phase: \(phase == .train ? "TEST" : "TRAIN") for the \(phase.rawValue) net; "
                    + "leave the phase out of it")
        }
        definition = try whole.filtered(for: state)
        self.phase = phase
        self.path = path
    }

    /// The same file's phase with another net, made from its own.
    package func replacing(_ net: NetParameter) -> PhaseNet {
        PhaseNet(definition: definition.replacing(net), phase: phase, path: path)
    }

    private init(definition: NetDefinition, phase: NetContext.Phase, path: String) {
        self.definition = definition
        self.phase = phase
        self.path = path
    }

    package var net: NetParameter { definition.net }

    /// What was repaired while reading, a sentence each.
    package var notes: [String] { definition.notes.map { "\(path): \($0)" } }

    /// Where a layer of this name stands in the file, with its line, for errors.
    package func place(_ layer: String) -> String? {
        guard let index = net.layer.firstIndex(where: { $0.name == layer }) else { return nil }
        return definition.place(ofLayer: index).map { "\($0.description):\n\($0.excerpt)" }
    }

    /// The folder of the file: where relative paths are looked for that are not found from the working directory.
    package var search: PathSearch { PathSearch(baseDirectory: directory) }
    package var directory: String { path.pathFolder }

    /// The ImageData or Data layers, in order.
    package var dataLayers: [LayerParameter] { DataLayers.all(in: net) }

    /// Pairs of a batch over all ranks, on which all data layers must agree.
    package func batchSize() throws -> Int {
        if let size = try DataLayers.batchSize(of: net) { return size }
        throw NetError(
            "the \(phase.rawValue) net of \(path) has no ImageData or Data layer; add one for each list or database, with "
                + "include { phase: \(phase.rawValue) }")
    }

    /// A rank's part of a batch; an error that names the phase where ranks are more than samples.
    func shard(of batch: Int, rank: Int, worldSize: Int) throws -> Shard {
        do {
            return try Shard(batch: batch, rank: rank, worldSize: worldSize)
        } catch {
            throw NetError("the \(phase.rawValue) net: \(error)")
        }
    }

    /// A hash of what the weights belong to: layer names and types in their order; part of a snapshot.
    package var fingerprint: UInt64 {
        net.layer.reduce(into: Fingerprint()) { $0.add("\($1.name)\u{0}\($1.type)\u{0}") }.value
    }
}
