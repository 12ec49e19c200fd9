import CaffeProto
import Foundation
import Nets
import Pairs
import Tensors

/// A solver's prototxt as read, and the nets that it names.
struct SolverDefinition {
    let solver: SolverParameter
    /// What was repaired while reading, a sentence each.
    let notes: [String]
    private let path: String
    private let sources: SourceMap

    init(path: String) throws {
        self.path = path
        let document = try Prototxt.document(SolverParameter.self, file: path)
        let (upgraded, notes) = try Upgrade.solver(document.message)
        solver = upgraded
        sources = document.sources
        self.notes = (document.notes + notes).map { "\(path): \($0)" }
    }

    /// The solver file's folder, where files are looked for that are not found from the working directory.
    private var search: PathSearch { PathSearch(baseDirectory: path.pathFolder) }

    private func locate(_ file: String) -> String { search.find(file) ?? file }

    /// The caffemodels that training begins with, each field a file or several with commas between, as in Caffe.
    var weights: [String] {
        solver.weights.flatMap { $0.split(separator: ",") }.map { locate(String($0)) }
    }

    /// A net that the solver names, or holds.
    private enum Source {
        case file(field: String, path: String)
        case inside(field: String, index: Int, NetParameter)

        var field: String {
            switch self {
            case .file(let field, _), .inside(let field, _, _): field
            }
        }
    }

    /// `net_param` or `net`, which serve training and tests.
    private var common: [Source] {
        (solver.hasNetParam ? [Source.inside(field: "net_param", index: 0, solver.netParam)] : [])
            + (solver.hasNet ? [.file(field: "net", path: solver.net)] : [])
    }

    /// The TRAIN net: of four fields that may give it, exactly one.
    ///
    /// Source: Caffe, src/caffe/solver.cpp, InitTrainNet.
    func trainNet() throws -> PhaseNet {
        let own =
            (solver.hasTrainNetParam ? [Source.inside(field: "train_net_param", index: 0, solver.trainNetParam)] : [])
            + (solver.hasTrainNet ? [.file(field: "train_net", path: solver.trainNet)] : [])
        let given = own + common
        guard let net = given.first else {
            throw SolverError("\(path): the solver names no net; add net: \"train_val.prototxt\"")
        }
        guard given.count == 1 else {
            throw SolverError(
                "\(path): the net to train is given \(given.count) times, by \(given.map(\.field).joined(separator: ", ")); "
                    + "keep one")
        }
        return try load(net, .train, solver.hasTrainState ? solver.trainState : nil)
    }

    /// The TEST nets, one for each `test_iter`: `test_net_param`s, `test_net`s, then the common net for all that are left.
    ///
    /// Source: Caffe, src/caffe/solver.cpp, InitTestNets.
    func testNets() throws -> [PhaseNet] {
        let count = solver.testIter.count
        let own =
            solver.testNetParam.enumerated().map { Source.inside(field: "test_net_param", index: $0, $1) }
            + solver.testNet.map { .file(field: "test_net", path: $0) }
        let left = count - own.count
        guard left == 0 || left > 0 && !common.isEmpty else {
            throw SolverError(
                "\(path): \(count) test_iter for \(own.count) nets to test (test_net, test_net_param); give each net its "
                    + "test_iter" + (left > 0 ? ", or a net: for the others" : ""))
        }
        guard [0, count].contains(solver.testState.count) else {
            throw SolverError(
                "\(path): \(solver.testState.count) test_state for \(count) nets to test; give one a net, or none")
        }
        let nets = own + (0..<left).map { _ in common[0] }
        return try nets.enumerated().map { index, net in
            try load(net, .test, solver.testState.isEmpty ? nil : solver.testState[index])
        }
    }

    private func load(_ net: Source, _ phase: NetContext.Phase, _ state: NetState?) throws -> PhaseNet {
        switch net {
        case .file(_, let file): return try PhaseNet.load(locate(file), phase: phase, state: state)
        case .inside(let field, let index, let net):
            let whole = try NetDefinition(net, sources: sources, inside: [.init(field, index)])
            return try PhaseNet(whole, path: path, phase: phase, state: state)
        }
    }

    /// Caffe's rule: the solver file's own path without extension when no prefix is given.
    ///
    /// A relative prefix whose folder exists only beside the solver goes there.
    var snapshotPrefix: String {
        guard solver.hasSnapshotPrefix, !solver.snapshotPrefix.isEmpty else {
            return path.pathWithoutExtension
        }
        let prefix = solver.snapshotPrefix
        let folder = prefix.pathFolder
        guard !folder.isEmpty, let found = search.find(folder) else { return prefix }
        return "\(found)/\(prefix.pathName)"
    }
}
