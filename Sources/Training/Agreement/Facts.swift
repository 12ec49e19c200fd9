import CaffeProto
import Comm
import Nets
import Pairs
import Tensors

// What ranks compare, without paths: hosts may keep the same files in different places.

extension Fact {
    static var program: Fact {
        Fact(
            "the program", "version \(Version.whole)",
            advice: "Copy one build to all hosts; mpirun starts the file of that path on each.")
    }

    static func solver(_ solver: SolverParameter) -> Fact {
        var solver = solver
        for clear in [
            { $0.clearNet() }, { $0.clearNetParam() }, { $0.clearTrainNet() }, { $0.clearTrainNetParam() },
            { $0.clearSnapshotPrefix() },
        ] as [(inout SolverParameter) -> Void] { clear(&solver) }
        (solver.testNet, solver.testNetParam, solver.weights) = ([], [], [])
        return Fact("the solver", Prototxt.write(solver), advice: "Give all ranks the same solver file and --max-iter.")
    }

    /// - Parameter name: "the TRAIN net".
    static func net(_ name: String, _ net: PhaseNet) -> Fact {
        var definition = net.net
        for index in definition.layer.indices { definition.layer[index].clearPaths(of: net) }
        return Fact(
            name, Prototxt.write(definition), detail: net.path,
            advice: "Give all ranks the same net: each host reads its own file of that path.")
    }

    /// - Parameter name: "the TRAIN pairs".
    static func pairs(_ name: String, _ source: any PairSource) -> Fact {
        Fact(
            name, "\(source.count) pairs with the fingerprint \(source.fingerprint.hexadecimal)",
            detail: source.files.joined(separator: " and "),
            advice:
                "Give all ranks the same lists or databases, line by line; a relative path is tried from each rank's "
                + "working directory first.")
    }

    static func weights(_ parameter: Parameter, at range: Range<Int>, of store: ParameterStore) -> Fact {
        let fingerprint = BulkFingerprint.of(store.values, range)
        return Fact(
            "the weights \(parameter.name)", "\(parameter.shape) with the fingerprint \(fingerprint.hexadecimal)",
            advice: "All ranks should hold the same bits. Look for another kind of processor or a memory error there "
                + "(with one kind of processor it is the memory, if it is always that host), and go on from the snapshot "
                + "before with --resume.")
    }
}

extension RunOptions {
    /// What all ranks must be given alike.
    var fact: Fact {
        let lines: [(String, Any)] = [
            ("--engine", measuresKernels ? "as measured" : engine.rawValue), ("--precision", precision.rawValue),
            ("--exchange", exchange.method?.rawValue ?? "auto"), ("--wire", exchange.wire.rawValue),
            ("--placement", placement.rawValue), ("--batch-per-rank", batchPerRank),
            ("--fast-decode", decoding.isFast), ("--no-lint", !lints), ("--verify-every", watch.verifyEvery),
            ("--timeline-steps", timeline?.steps ?? 0),
        ]
        return Fact(
            "the options", lines.map { "\($0) \($1)" }.joined(separator: "\n"),
            advice: "Start all ranks by one command line.")
    }
}

extension LayerParameter {
    fileprivate mutating func clearPaths(of phase: PhaseNet) {
        if hasImageDataParam {
            imageDataParam.clearSource()
            imageDataParam.clearRootFolder()
        }
        if hasDataParam { dataParam.clearSource() }
        nameMeanFileByContent(of: phase)
    }
}
