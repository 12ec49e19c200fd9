import CaffeProto
import Foundation
import Nets
import Pairs

/// A solver's prototxt as read, and the nets that it names.
struct SolverDefinition {
    let solver: SolverParameter
    /// What was repaired while reading, a sentence each.
    let notes: [String]
    private let path: String

    init(path: String) throws {
        self.path = path
        let (upgraded, notes) = try Upgrade.solver(try Prototxt.read(SolverParameter.self, file: path))
        solver = upgraded
        self.notes = notes.map { "\(path): \($0)" }
    }

    /// The solver file's folder, where files are looked for that are not found from the working directory.
    private var search: PathSearch { PathSearch(baseDirectory: (path as NSString).deletingLastPathComponent) }

    private func locate(_ file: String) -> String { search.find(file) ?? file }

    func trainNet() throws -> PhaseNet {
        let named = solver.hasNet ? solver.net : solver.trainNet
        guard !named.isEmpty else {
            throw SolverError("\(path): the solver names no net; add net: \"train_val.prototxt\"")
        }
        return try PhaseNet.load(locate(named), phase: .train)
    }

    /// The TEST nets: those of `test_net`, and `net` for each further `test_iter`.
    func testNets(count: Int) throws -> [PhaseNet] {
        let named = solver.testNet + (solver.hasNet ? Array(repeating: solver.net, count: 1) : [])
        guard count <= named.count || named.count == 1 else {
            throw SolverError("\(path): \(count) test_iter for \(named.count) nets to test; give one test_iter a net")
        }
        return try named.prefix(count).map { try PhaseNet.load(locate($0), phase: .test) }
    }

    /// Caffe's rule: the solver file's own path without extension when no prefix is given.
    ///
    /// A relative prefix whose folder exists only beside the solver goes there.
    var snapshotPrefix: String {
        guard solver.hasSnapshotPrefix, !solver.snapshotPrefix.isEmpty else {
            return (path as NSString).deletingPathExtension
        }
        let prefix = solver.snapshotPrefix
        let folder = (prefix as NSString).deletingLastPathComponent
        guard !folder.isEmpty, let found = search.find(folder) else { return prefix }
        return "\(found)/\((prefix as NSString).lastPathComponent)"
    }
}
