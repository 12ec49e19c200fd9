import CaffeProto
package import Nets
import Tensors

extension SnapshotStore {
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
}

extension Solver {
    /// Each history blob in the order of Caffe's solverstate: all first ones, then all second ones.
    fileprivate var historySlices: [(buffer: FloatStorage, parameter: Parameter, offset: Int)] {
        history.flatMap { buffer in
            zip(store.parameters, store.offsets).map { (buffer, $0, $1) }
        }
    }
}
