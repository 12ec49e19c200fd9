import CaffeProto
import Foundation
package import Nets
import Tensors

/// The snapshots of one prefix: `PREFIX_iter_N.caffemodel` with the weights, `PREFIX_iter_N.solverstate` with the rest.
///
/// The state is written after the weights, so a snapshot is complete when its state is there. Blobs pass through one
/// at a time, so 430 MB of weights are never in memory twice. Rank zero alone writes and reads.
package struct SnapshotStore {
    private let prefix: String

    package init(prefix: String) { self.prefix = prefix }

    private func stem(_ iteration: Int) -> String { "\(prefix)_iter_\(iteration)" }

    // MARK: Writing

    package func write(net: Net, solver: Solver, state: SnapshotState, log: TrainingLog) throws {
        let model = stem(state.iteration) + ".caffemodel"
        log.snapshotting(to: model)
        try AtomicFile.write(to: model) { append in
            var header = NetParameter()
            header.name = net.name
            try net.writeLayers(to: CaffeModelWriter(header, write: append))
        }
        var state = state
        state.learnedNet = model
        let path = stem(state.iteration) + ".solverstate"
        log.snapshottingState(to: path)
        try AtomicFile.write(to: path) { append in
            let writer = try SolverStateWriter(state.message, write: append)
            for (buffer, parameter, offset) in solver.historySlices {
                let range = offset..<offset + parameter.shape.count
                try writer.append(
                    history: PackedBlob(dimensions: parameter.shape.dims, values: buffer.bytes(range)))
            }
            try writer.finish()
        }
    }

    // MARK: Reading

    /// What a solverstate says, without reading its history.
    package static func readState(_ path: String) throws -> SnapshotState {
        SnapshotState(try SolverStateReader(path).header)
    }

    /// Reads the history into the solver and the weights into the net.
    package static func restore(_ path: String, into solver: Solver, net: Net) throws {
        let slices = solver.historySlices
        let reader = try SolverStateReader(path)
        guard reader.historyCount == slices.count else {
            throw SolverError(
                "\(path) is a snapshot of another net or solver: it holds \(reader.historyCount) history blobs, this "
                    + "training has \(slices.count)")
        }
        for (number, slice) in slices.enumerated() {
            let blob = try reader.history(number)
            let shape = Shape(blob.dimensions)
            guard shape.matchesIgnoringLeadingOnes(slice.parameter.shape), blob.floats.count == shape.count else {
                throw SolverError(
                    "\(path) is a snapshot of another net: history blob \(number) has shape \(shape) and "
                        + "\(blob.floats.count) values, but \(slice.parameter.name) of this net has "
                        + "\(slice.parameter.shape)")
            }
            slice.buffer.copy(blob.floats, at: slice.offset)
        }
        let model = try modelPath(of: path)
        let report = try net.loadWeights(from: model)
        guard report.missing.isEmpty else {
            throw SolverError(
                "\(model) is a snapshot of another net: it has no weights for \(report.missing.joined(separator: ", "))"
            )
        }
    }

    /// Where the weights of a solverstate are: where it says, or beside it if its folder has moved.
    static func modelPath(of path: String) throws -> String {
        let named = try readState(path).learnedNet
        let folder = (path as NSString).deletingLastPathComponent
        let beside = (folder.isEmpty ? "." : folder) + "/" + (named as NSString).lastPathComponent
        for candidate in [named, beside] where FileManager.default.fileExists(atPath: candidate) { return candidate }
        throw SolverError(
            "\(path) names the weights \(named), which are neither there nor beside it; put that caffemodel beside it")
    }

    /// The solverstate of the highest iteration whose files can be read to their ends; nil when there is none.
    package func newestComplete() throws -> String? {
        let folder = (prefix as NSString).deletingLastPathComponent
        let stem = (prefix as NSString).lastPathComponent + "_iter_"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        let iterations = names.compactMap { name -> Int? in
            guard name.hasPrefix(stem), name.hasSuffix(".solverstate") else { return nil }
            return Int(name.dropFirst(stem.count).dropLast(".solverstate".count))
        }
        return iterations.sorted(by: >).lazy.map { self.stem($0) + ".solverstate" }.first(where: Self.isComplete)
    }

    private static func isComplete(_ path: String) -> Bool {
        do {
            _ = try SolverStateReader(path)
            _ = try CaffeModelReader(modelPath(of: path))
            return true
        } catch {
            return false
        }
    }
}

extension Solver {
    /// Each history blob in the order of Caffe's solverstate: all first ones, then all second ones.
    var historySlices: [(buffer: FloatStorage, parameter: Parameter, offset: Int)] {
        history.flatMap { buffer in
            zip(store.parameters, store.offsets).map { (buffer, $0, $1) }
        }
    }
}
