import ArgumentParser
import Comm
import Nets
import Tensors
import Training

struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Shows a net's layers, shapes, parameters, work and memory, and what ranks would exchange.",
        discussion: "Reads no list and no image, unless a data layer takes its size from the first one.")

    @Option(help: ArgumentHelp("The net's prototxt.", valueName: "file"))
    var model: String

    @Option(help: "The phase: TRAIN or TEST.")
    var phase = NetContext.Phase.train

    @Option(help: "The number of ranks to reckon with.")
    var ranks = 1

    @Option(help: "The network between the ranks, such as 1Gbit or 10Gbit: predicts what the exchange would cost.")
    var bandwidth: Bandwidth?

    @Option(help: "Microseconds of the smallest all-reduce over that network.")
    var latency = 100.0

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var exchange: ExchangeArguments

    func validate() throws {
        if bandwidth != nil, ranks == 1 { throw ValidationError("--bandwidth goes with --ranks of 2 or more") }
        if ranks < 1 { throw ValidationError("--ranks \(ranks): give 1 or more") }
    }

    func run() throws {
        try Job.run(threads: compute.threads) { communicator, log in
            let definition = try PhaseNet.load(model, phase: phase)
            for note in definition.notes { log.warn(note) }
            let net = try definition.netWithoutData(
                engine: compute.engine, precision: compute.precision.agreed(over: communicator, log: log), rank: 0,
                worldSize: ranks)
            guard communicator.isRankZero else { return }
            print(Self.table(of: net))
            print(Self.totals(of: net, ranks: ranks))
            if phase == .train, ranks > 1 { try printExchange(of: net) }
        }
    }

    /// What each parameter's exchange would be between these ranks: this machine's arithmetic, the network as given.
    private func printExchange(of net: Net) throws {
        var model = try ExchangeModel.measure(over: SoloCommunicator())
        model.ranks = ranks
        model.bandwidth = bandwidth?.bytesPerSecond ?? 1e9 / 8
        model.latency = latency * 1e-6
        let plan = ExchangePlan(for: net, subBatches: 1, options: exchange.options, model: model)
        let network = bandwidth == nil ? "1Gbit, since --bandwidth is not given" : "--bandwidth"
        print("\nexchange between \(ranks) ranks (network: \(network)): \(plan.summary)\n\(plan.table)")
    }

    private static func table(of net: Net) -> TextTable {
        var table = TextTable(["layer", "type", "top", "layout", "parameters", "multiply-adds", "runs"])
        table.alignRight(4, 5)
        for step in net.steps {
            let parameters = step.layer.parameters.reduce(0) { $0 + $1.shape.count }
            let work = step.layer.multiplyAdds(bottom: step.bottom, top: step.top)
            table.add([
                step.layer.name, step.layer.type, step.top.map { "\($0.shape)" }.joined(separator: " "),
                step.top.first.map { "\($0.layout)" } ?? "", parameters == 0 ? "" : TextTable.grouped(parameters),
                work == 0 ? "" : TextTable.grouped(work), step.note,
            ])
        }
        return table
    }

    private static func totals(of net: Net, ranks: Int) -> String {
        let work = Workload(net)
        let floats = MemoryLayout<Float>.stride
        let parameters = net.parameters.count
        let copies = net.context.phase == .train ? 3 : 1
        func megabytes(_ bytes: Int) -> String { TextTable.grouped(bytes / 1_000_000) + " MB" }
        let lines = [
            "parameters            \(TextTable.grouped(parameters))",
            "multiply-adds         \(TextTable.grouped(work.forward)) forward"
                + (work.backward == 0 ? "" : ", \(TextTable.grouped(work.backward)) backward") + ", per rank and step",
            "memory of parameters  \(megabytes(copies * parameters * floats))"
                + (copies == 3 ? " (values, gradients, momentum)" : ""),
            "memory of blobs       \(megabytes(work.blobBytes)) (of rank 0 of \(ranks))",
        ]
        return lines.joined(separator: "\n")
    }
}

extension NetContext.Phase: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rawValue: argument.uppercased())
    }
}
