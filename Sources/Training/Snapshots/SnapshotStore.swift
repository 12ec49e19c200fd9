import CaffeProto
import Foundation
import Nets
import Tensors

/// The snapshots of one prefix: `PREFIX_iter_N.caffemodel` with the weights, `PREFIX_iter_N.solverstate` with the rest.
///
/// The state gets its name after the weights and ends with the sizes and checksums of both (`SnapshotSeal`), so a snapshot
/// is whole when its seal holds. Blobs pass through one at a time, so 430 MB of weights are never in memory twice. Rank
/// zero alone writes and reads.
package struct SnapshotStore: Sendable {
    package let prefix: String

    package init(prefix: String) { self.prefix = prefix }

    func modelPath(_ iteration: Int) -> String { "\(prefix)_iter_\(iteration).caffemodel" }
    func statePath(_ iteration: Int) -> String { "\(prefix)_iter_\(iteration).solverstate" }

    // MARK: Writing

    /// Writes both files and then gives them their names; a failure leaves what was there.
    package func write(_ copy: SnapshotCopy) throws {
        let (iteration, model) = (copy.state.iteration, modelPath(copy.state.iteration))
        var sums = (model: Checksum(), state: Checksum())
        let modelDraft = try DraftFile(model) { append in
            var header = NetParameter()
            header.name = copy.netName
            let writer = try CaffeModelWriter(header) { piece in
                sums.model.add(piece.span)
                try append(piece)
            }
            for layer in copy.layers { try layer.write(copy.values, to: writer) }
        }
        var state = copy.state
        state.learnedNet = model
        let stateDraft = try DraftFile(statePath(iteration)) { append in
            let writer = try SolverStateWriter(state.message) { piece in
                sums.state.add(piece.span)
                try append(piece)
            }
            for blob in copy.historyBlobs { try writer.append(history: blob) }
            try writer.finish()
            try writer.seal(SnapshotSeal(model: .init(sums.model), state: .init(sums.state)))
        }
        try modelDraft.publish()
        try stateDraft.publish()
    }

    // MARK: Finding

    /// The iterations of which there is a solverstate, lowest first.
    package func iterations() throws -> [Int] {
        try names().compactMap { name in
            guard name.hasPrefix(stem), name.hasSuffix(".solverstate") else { return nil }
            return Int(name.dropFirst(stem.count).dropLast(".solverstate".count))
        }.sorted()
    }

    /// The solverstate of the highest iteration whose files are whole; nil when there is none.
    ///
    /// - Parameter damaged: told what is wrong with each that is passed over.
    package func newestWhole(damaged: (String) -> Void = { _ in }) throws -> String? {
        for iteration in try iterations().reversed() {
            let path = statePath(iteration)
            guard let damage = Self.damage(of: path) else { return path }
            damaged(damage)
        }
        return nil
    }

    /// The prefix to which a solverstate belongs, by its name.
    static func prefix(of path: String) -> String? {
        path.wholeMatch(of: /(.*)_iter_\d+\.solverstate/).map { String($0.1) }
    }

    private var stem: String { prefix.pathName + "_iter_" }
    private var folder: String {
        let folder = prefix.pathFolder
        return folder.isEmpty ? "." : folder
    }

    /// What is in the prefix's folder; nothing where there is no such folder.
    private func names() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch  where FileManager.default.fileExists(atPath: folder) {
            throw FileError("look for snapshots in", folder, reason: FileError.reason(of: error))
        } catch {
            return []
        }
    }

    // MARK: Removing

    /// Removes all but the `count` newest snapshots up to an iteration, whose own is whole; in each the state first, so that
    /// no state is ever without its weights.
    ///
    /// Those that TwoTower did not write stay, and so do those of higher iterations: training has gone back before them.
    package func removeAll(before iteration: Int, butNewest count: Int) throws {
        precondition(count > 0, "the newest snapshot stays")
        let older = try iterations().filter { $0 < iteration && isOurs($0) }
        for old in older.dropLast(count - 1) {
            for path in [statePath(old), modelPath(old)] where unsafe unlink(path) != 0 && errno != ENOENT {
                throw FileError.system("remove the old snapshot", path)
            }
        }
    }

    private func isOurs(_ iteration: Int) -> Bool {
        (try? SolverStateReader(statePath(iteration)))?.header.hasTwoTower == true
    }

    /// Removes what a process that was killed has left half-written; for the one that holds the prefix.
    package func removeLeftovers() throws {
        let prefix = prefix.pathName
        for name in try names() where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            guard rest.wholeMatch(of: /(_iter_\d+\.(caffemodel|solverstate)|\.write-probe)\.tmp-\d+/) != nil else {
                continue
            }
            unsafe unlink("\(folder)/\(name)")
        }
    }
}

extension SnapshotSeal.Content {
    fileprivate init(_ sum: Checksum) { self.init(size: UInt64(sum.count), checksum: sum.value) }
}
