import CaffeProto
package import Comm
import Foundation
package import Nets
package import Pairs
package import Tensors

/// What differs from run to run and so stands on the command line instead of in the solver.
package struct RunOptions: Sendable {
    package var engine = NetContext.Engine.dnnl
    /// What is wanted; float32 takes its place where a rank's processor lacks it.
    package var precision = Precision.float32
    /// Whether to look for the fastest kernels of the engine DNNL; and those that are to be taken.
    package var measuresKernels = false
    package var kernels = KernelChoices()
    package var exchange = ExchangeOptions()
    /// Whether results must be the same bits for any number of ranks.
    package var deterministic: DeterministicOptions?
    package var placement = TowerPlacement.both
    /// The bytes that one net may take.
    package var memoryLimit = NetContext.machineMemory
    /// Put before every path of the lists, as Caffe's root_folder; overrides it.
    package var rootFolder: String?
    /// Whether a list may have paths only, where nothing is judged by labels.
    package var labelsAreOptional = false
    /// Threads that decode images, for each rank.
    package var decodingThreads = 2
    package var decoding = DecodingOptions()
    /// Whether batch_size counts the pairs of one rank (Caffe's and Horovod's convention) instead of all.
    package var batchPerRank = false
    package var showsProgress = false
    /// Whether to say what runs but is probably not meant.
    package var lints = true
    /// Whether, and where, to write down what each rank did when.
    package var timeline: TimelineOptions?
    /// The folder for TensorBoard's event files, if there is to be one.
    package var tensorBoard: String?
    package var watch = WatchOptions()

    package init() {}
}

/// Where a training begins.
package enum TrainingStart {
    case fresh
    /// From caffemodels, by layer name; later files win.
    ///
    /// A layer that no file has takes the weights of the layer that the rule names.
    case weights([String], map: SuffixRule?)
    /// From a snapshot, whose state has been read.
    case snapshot(String, SnapshotState)
}

/// A checked training: the same on every rank.
package struct TrainingPlan {
    package let settings: SolverSettings
    package let policyName: String
    package let trainDefinition: PhaseNet
    package let testDefinitions: [PhaseNet]
    package let seed: UInt64
    package let snapshotPrefix: String
    package let start: TrainingStart
    /// Which layers start like others: with `_p=` layer X_p starts like layer X.
    package let alike: SuffixRule?
    package let options: RunOptions
    /// Pairs of one iteration (of one sub-batch, where iter_size is more than 1) over all ranks.
    package let batchSize: Int
    /// What may be otherwise than in the snapshot.
    let allowedChanges: Set<ResumeChange>
    /// Keeps other trainings from the snapshot prefix; on rank zero, if asked for.
    let lock: PrefixLock?
    /// What it has in common with every other rank's plan.
    let facts: [Fact]

    /// What `make` is asked for.
    package struct Request {
        package var solverPath: String
        package var weights: [String] = []
        /// Which layer's weights stand in where the files have none of a layer's name: with `_p=` X for X_p.
        package var map: SuffixRule?
        package var snapshot: String?
        package var resumesNewest = false
        package var alike: SuffixRule?
        package var maxIteration: Int?
        package var snapshotPrefix: String?
        package var snapshots = SnapshotOptions()
        package var options = RunOptions()

        package init(solverPath: String) { self.solverPath = solverPath }
    }

    /// Reads and checks all definitions.
    ///
    /// Collective: every rank reads them, rank zero draws the seed and picks the
    /// snapshot, and the first fault of any rank is thrown on all.
    package static func make(_ request: Request, communicator: any Communicator, log: TrainingLog) throws -> Self {
        var draft = try communicator.together { try Draft(request) }
        try Agreement.check(draft.facts, over: communicator)
        draft.request.options.precision = try request.options.precision.agreed(over: communicator, log: log)
        for note in draft.notes where communicator.isRankZero { log.warn(note) }
        var choice = Choice()
        var lock: PrefixLock?
        try communicator.together {
            guard communicator.isRankZero else { return }
            if request.snapshots.locksPrefix { lock = try .take(prefix: draft.snapshotPrefix, log: log) }
            choice = try Choice(request, draft, log)
        }
        try communicator.broadcast(&choice)
        return try communicator.together { [draft] in
            try draft.plan(choice, lock, worldSize: communicator.size, log: log)
        }
    }

    /// The global batch of a TEST net; `--batch-per-rank` holds for it too.
    func batchSize(of definition: PhaseNet, worldSize: Int) throws -> Int {
        try definition.batchSize() * (options.batchPerRank ? worldSize : 1)
    }

    /// The snapshot's state, if as many ranks go on: then everything that rounds stays as it was.
    private func resumedState(worldSize: Int) -> SnapshotState? {
        guard case .snapshot(_, let state) = start, state.worldSize == worldSize else { return nil }
        return state
    }

    /// How the snapshot's training exchanged each parameter, if as many ranks go on: so that sums stay the same bits.
    func fixedExchange(worldSize: Int) -> [String: ExchangeMethod] {
        resumedState(worldSize: worldSize)?.exchange.filter { $0.value != .tree } ?? [:]
    }

    /// The kernels of the snapshot's training, if as many ranks go on (or their number makes no difference) and none are
    /// asked for.
    func fixedKernels(worldSize: Int) -> KernelChoices? {
        guard options.measuresKernels else { return nil }
        guard options.deterministic != nil else { return resumedState(worldSize: worldSize)?.kernels }
        guard case .snapshot(_, let state) = start, state.deterministic != nil else { return nil }
        return state.kernels
    }

    /// Nil where results may depend on the number of ranks.
    var deterministicState: DeterministicState? {
        options.deterministic?.microBatch.map { DeterministicState(microBatch: $0, threads: Threads.count) }
    }

    /// Everything that a snapshot remembers of this plan.
    func state(
        at iteration: Int, recentLosses: [Double], worldSize: Int, lists: [UInt64], exchange: [String: ExchangeMethod]
    ) -> SnapshotState {
        var state = SnapshotState(iteration: iteration)
        state.currentStep = settings.policy.stepsReached(at: iteration)
        state.seed = seed
        state.batchSize = batchSize
        state.worldSize = worldSize
        state.listFingerprints = lists
        state.netFingerprint = trainDefinition.fingerprint
        state.recentLosses = recentLosses
        state.exchange = exchange
        state.deterministic = deterministicState
        state.iterSize = settings.iterSize
        state.solverType = settings.type
        state.layers = trainDefinition.resumableLayers
        return state
    }
}

/// What only rank zero decides, and tells the others.
private struct Choice: Codable {
    var seed: UInt64 = 0
    var snapshot: String?
    var state: SnapshotState?

    init() {}

    init(_ request: TrainingPlan.Request, _ draft: Draft, _ log: TrainingLog) throws {
        snapshot = request.snapshot
        if request.resumesNewest {
            let store = SnapshotStore(prefix: draft.snapshotPrefix)
            snapshot = try store.newestWhole { log.warn("\($0); passed over") }
            if snapshot == nil, try !store.iterations().isEmpty {
                throw SolverError(
                    "--resume: none of the snapshots under \(store.prefix) can be used; mend what hinders (the lines before "
                        + "say what it is), or move them away to begin at iteration 0")
            }
        }
        state = try snapshot.map { file in
            try flagHint("--snapshot", for: .solverstate, "--weights", for: .caffemodel) {
                try request.resumesNewest ? SnapshotStore.readState(file) : SnapshotStore.readWholeState(file)
            }
        }
        // A snapshot's order of pairs goes on unless the solver itself says another seed.
        seed = draft.solverSeed ?? state?.seed ?? UInt64.random(in: 1...UInt64(Int32.max))
    }
}

extension Communicator {
    /// Gives every rank rank zero's value; collective.
    fileprivate func broadcast(_ choice: inout Choice) throws {
        var bytes = isRankZero ? [UInt8](try JSONEncoder().encode(choice)) : []
        try broadcast(&bytes)
        choice = try JSONDecoder().decode(Choice.self, from: Data(bytes))
    }
}

/// The definitions as read, before anything is decided.
private struct Draft {
    var request: TrainingPlan.Request
    let settings: SolverSettings
    let solver: SolverParameter
    let train: PhaseNet
    let tests: [PhaseNet]
    let snapshotPrefix: String
    /// The caffemodels to begin with: those of the command line, else the solver's.
    let weights: [String]
    let notes: [String]

    init(_ request: TrainingPlan.Request) throws {
        self.request = request
        guard request.snapshot == nil || request.weights.isEmpty else {
            throw SolverError("--snapshot and --weights exclude each other: a snapshot brings its own weights")
        }
        let file = try SolverDefinition(path: request.solverPath)
        var solver = file.solver
        if let last = request.maxIteration { solver.maxIter = Int32(last) }
        if let keep = request.snapshots.keep { solver.snapshotKeep = Int32(clamping: keep) }
        if let seconds = request.snapshots.seconds { solver.snapshotSeconds = Float(seconds) }
        settings = try SolverSettings(solver)
        train = try file.trainNet()
        tests = try file.testNets()
        snapshotPrefix = request.snapshotPrefix ?? file.snapshotPrefix
        weights = request.weights.isEmpty ? file.weights : request.weights
        guard request.map == nil || !weights.isEmpty else {
            throw SolverError("--map says which weights of a file stand in for others; give the file with --weights")
        }
        var seen: Set<String> = []
        notes = (file.notes + ([train] + tests).flatMap(\.notes)).filter { seen.insert($0).inserted }
        self.solver = solver
    }

    /// What all ranks must have read and been given alike.
    var facts: [Fact] {
        [.program, request.options.fact, .solver(solver), .net("the TRAIN net", train)]
            + tests.enumerated().map { .net("TEST net #\($0)", $1) }
    }

    /// The solver's random_seed, if it gives one.
    var solverSeed: UInt64? { solver.randomSeed >= 0 ? UInt64(solver.randomSeed) : nil }

    func plan(_ choice: Choice, _ lock: PrefixLock?, worldSize: Int, log: TrainingLog) throws -> TrainingPlan {
        let written = try train.batchSize()
        let batch = request.options.batchPerRank ? written * worldSize : written
        if request.options.batchPerRank {
            log.say("--batch-per-rank: \(written) pairs on each of \(worldSize) ranks make a global batch of \(batch)")
        }
        var options = request.options
        if let wanted = options.deterministic {
            try DeterministicOptions.check(
                exchange: options.exchange, placement: options.placement, batchPerRank: options.batchPerRank,
                subBatches: settings.iterSize)
            let size = wanted.microBatch ?? choice.state?.deterministic?.microBatch
            options.deterministic?.microBatch = try MicroBatches(of: batch, size: size).size
        }
        var start = TrainingStart.fresh
        if let path = choice.snapshot, let state = choice.state {
            start = .snapshot(path, state)
        } else if !weights.isEmpty {
            start = .weights(weights, map: request.map)
        } else if request.resumesNewest {
            log.say("--resume: no complete snapshot under \(snapshotPrefix), training begins at iteration 0")
        }
        return TrainingPlan(
            settings: settings, policyName: solver.lrPolicy, trainDefinition: train, testDefinitions: tests,
            seed: choice.seed, snapshotPrefix: snapshotPrefix, start: start, alike: request.alike,
            options: options, batchSize: batch, allowedChanges: request.snapshots.allowedChanges, lock: lock,
            facts: facts)
    }
}
