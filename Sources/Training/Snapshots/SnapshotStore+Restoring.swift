import CaffeProto
package import Nets
import Tensors

extension SnapshotStore {
    /// What a solverstate says, without reading its history.
    package static func readState(_ path: String) throws -> SnapshotState {
        let state = SnapshotState(try SolverStateReader(path).header)
        guard state.iteration >= 0 else {
            throw SolverError("\(path) says iteration \(state.iteration): the file is damaged")
        }
        return state
    }

    /// Reads the history into the solver and the weights into the net.
    ///
    /// - Parameter changes: with `net`, parameters that the snapshot lacks keep what they have, and with `solver` the history
    ///   of a solver of another type stays what it is.
    /// - Returns: what begins anew for that reason, a sentence each.
    @discardableResult
    package static func restore(
        _ path: String, into solver: Solver, net: Net, allowing changes: Set<ResumeChange> = []
    ) throws -> [String] {
        let reader = try SolverStateReader(path)
        var notes: [String] = []
        if changes.contains(.solver), let type = SnapshotState(reader.header).solverType, type != solver.settings.type {
            notes.append("the history of \(type) is of no use to \(solver.settings.type), which begins without one")
        } else {
            try restoreHistory(reader, from: path, into: solver, skipsOthers: changes.contains(.net), &notes)
        }
        let model = try modelPath(of: path)
        let missing = try net.loadWeights(from: model).missing.joined(separator: ", ")
        guard missing.isEmpty || changes.contains(.net) else {
            throw SolverError("\(model) is a snapshot of another net: it has no weights for \(missing)")
        }
        if !missing.isEmpty { notes.append("\(missing): the snapshot has no weights for these, which begin anew") }
        return notes
    }

    /// - Parameter skipsOthers: whether parameters and history are matched by name, where the file has names, and what has
    ///   no counterpart is left out.
    private static func restoreHistory(
        _ reader: SolverStateReader, from path: String, into solver: Solver, skipsOthers: Bool, _ notes: inout [String]
    ) throws {
        let slices = solver.historySlices
        let names = reader.header.twoTower.parameter
        var targets = slices.map { Optional($0) }
        if skipsOthers, !names.isEmpty {
            targets = solver.history.flatMap { buffer in
                names.map { name in slices.first { $0.buffer === buffer && $0.parameter.name == name } }
            }
            let new = Set(slices.map(\.parameter.name)).subtracting(names).sorted()
            if !new.isEmpty { notes.append("\(new.joined(separator: ", ")): the snapshot has no history for these") }
        }
        guard reader.historyCount == targets.count else {
            throw SolverError(
                "\(path) is a snapshot of another net or solver: it holds \(reader.historyCount) history blobs, this "
                    + "training has \(targets.count)")
        }
        for (number, target) in targets.enumerated() {
            guard let target else { continue }
            let blob = try reader.history(number)
            if let dims = blob.impossibleDimensions {
                throw SolverError("\(path): history blob \(number) has the shape \(dims): the file is damaged")
            }
            let shape = Shape(blob.dimensions)
            guard shape.matchesIgnoringLeadingOnes(target.parameter.shape), blob.floats.count == shape.count else {
                throw SolverError(
                    "\(path) is a snapshot of another net: history blob \(number) has shape \(shape) and "
                        + "\(blob.floats.count) values, but \(target.parameter.name) of this net has "
                        + "\(target.parameter.shape)")
            }
            target.buffer.copy(blob.floats, at: target.offset)
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
