import Comm
import Foundation
import Nets
import Tensors

/// A whole net with its solver, as files know it: of a training whose ranks carry one tower each, put together on rank zero.
///
/// Its blobs are never touched, so it costs the memory of its weights and history, and only while it is needed.
struct WholeModel {
    let net: Net
    let solver: Solver

    init(_ net: Net, _ solver: Solver) {
        self.net = net
        self.solver = solver
    }

    fileprivate init(_ plan: TrainingPlan) throws {
        let definition = plan.trainDefinition
        net = try definition.netWithoutData(options: plan.options, engine: .caffe, rank: 0, worldSize: 1)
        solver = try Solver.make(plan.settings, store: net.parameters)
    }

    /// Weights, then the history.
    fileprivate var buffers: [FloatStorage] { [net.parameters.values] + solver.history }
}

/// Takes a whole model apart for the halves, and puts it together again.
struct TowerAssembly {
    private let plan: TrainingPlan
    private let team: Team
    private let mine: WholeModel
    /// The other half's parameters in its flat buffers; on rank zero only.
    private let theirs: Layout

    /// Where the parameters of a half lie in its buffers.
    private struct Layout: Codable {
        var names: [String] = []
        var starts: [Int] = []
        var counts: [Int] = []
        var length = 0

        init() {}

        init(_ store: ParameterStore) {
            names = store.parameters.map(\.name)
            starts = store.offsets
            counts = store.parameters.map(\.shape.count)
            length = store.values.count
        }
    }

    /// Collective.
    init(_ plan: TrainingPlan, team: Team, net: Net, solver: Solver) throws {
        self.plan = plan
        self.team = team
        mine = WholeModel(net, solver)
        guard team.half != nil else {
            theirs = Layout()
            return
        }
        let layouts = try team.world.gather([UInt8](JSONEncoder().encode(Layout(net.parameters))))
        theirs =
            layouts.isEmpty ? Layout() : try JSONDecoder().decode(Layout.self, from: Data(layouts[team.leaderOfOther]))
    }

    /// Whether a model is the one that is trained here, and none that was put together for a while.
    func isTrained(_ whole: WholeModel) -> Bool { whole.net === mine.net }

    /// What rank zero reads into or draws: the training's own model where ranks carry both towers.
    func blank() throws -> WholeModel { team.half == nil ? mine : try WholeModel(plan) }

    /// Gives each half's first rank its towers' part of rank zero's model.
    ///
    /// Collective.
    ///
    /// - Parameters:
    ///   - whole: on rank zero.
    ///   - withHistory: whether the history is given as well.
    func distribute(_ whole: WholeModel?, withHistory: Bool) throws {
        guard team.half != nil else { return }
        for (number, own) in mine.buffers.enumerated() where number == 0 || withHistory {
            guard team.world.isRankZero, let whole else {
                try receive(own)
                continue
            }
            let (source, store) = (whole.buffers[number], whole.net.parameters)
            let packed = FloatStorage(count: theirs.length)
            move(store, theirs) { range, start in packed.copy(source.array(range), at: start) }
            move(store, Layout(mine.net.parameters)) { range, start in own.copy(source.array(range), at: start) }
            try send(packed)
        }
    }

    /// The model as a whole, on rank zero; nil on the others.
    ///
    /// Collective.
    func collect() throws -> WholeModel? {
        guard team.half != nil else { return mine }
        let whole = try team.world.together { team.world.isRankZero ? try WholeModel(plan) : nil }
        for (number, own) in mine.buffers.enumerated() {
            guard let whole else {
                try send(own)
                continue
            }
            let (target, store) = (whole.buffers[number], whole.net.parameters)
            let packed = FloatStorage(count: theirs.length)
            try receive(packed)
            move(store, theirs) { range, start in
                target.copy(packed.array(start..<start + range.count), at: range.lowerBound)
            }
            move(store, Layout(mine.net.parameters)) { range, start in
                target.copy(own.array(start..<start + range.count), at: range.lowerBound)
            }
        }
        return whole
    }

    /// For each parameter of a half: where it lies in the whole's buffers, and where in the half's.
    private func move(_ store: ParameterStore, _ half: Layout, _ body: (Range<Int>, Int) throws -> Void) rethrows {
        let places = Dictionary(
            store.parameters.indices.map { (store.parameters[$0].name, store.range(of: $0)) },
            uniquingKeysWith: { first, _ in first })
        for (name, start) in zip(half.names, half.starts) {
            guard let range = places[name] else { preconditionFailure("no parameter \(name) in the whole net") }
            try body(range, start)
        }
    }

    // MARK: Between rank zero and the first rank of the other half

    private var other: Int {
        let (rank, leader) = (team.world.rank, team.leaderOfOther)
        return rank == 0 ? leader : rank == leader ? 0 : rank
    }

    private func send(_ buffer: FloatStorage) throws {
        let takesPart = other != team.world.rank
        var nothing = MutableSpan<Float>()
        try buffer.withSpan { buffer in
            try team.world.swap(takesPart ? buffer : buffer.extracting(0..<0), &nothing, with: other)
        }
    }

    private func receive(_ buffer: FloatStorage) throws {
        let takesPart = other != team.world.rank
        try buffer.withMutableSpan { (buffer: inout MutableSpan<Float>) in
            var part = buffer._mutatingExtracting(0..<(takesPart ? buffer.count : 0))
            try team.world.swap(Span<Float>(), &part, with: other)
        }
    }
}
