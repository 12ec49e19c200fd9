import ArgumentParser
import Comm
import Training

extension Wire: ExpressibleByArgument {}
extension TowerPlacement: ExpressibleByArgument {}

/// How ranks put their gradients together.
struct ExchangeArguments: ParsableArguments {
    enum Choice: String, ExpressibleByArgument, CaseIterable {
        case auto, allreduce, factors, sharded

        var method: ExchangeMethod? { ExchangeMethod(rawValue: rawValue) }
    }

    @Option(
        help: ArgumentHelp(
            "How gradients are exchanged: allreduce, factors (inner products gather inputs and output gradients), "
                + "sharded (each rank updates a part), or auto: the cheapest for each parameter, as measured."))
    var exchange = Choice.auto

    @Option(help: "What an all-reduce sends: float32, or bf16 (half of the bytes, summed in float32).")
    var wire = Wire.float32

    @Option(
        help: ArgumentHelp(
            "Who carries which tower: both on every rank, or split: half of the ranks one tower, half the other, for "
                + "towers that share no weights (half of the memory and of the bytes)."))
    var placement = TowerPlacement.both

    var options: ExchangeOptions { ExchangeOptions(method: exchange.method, wire: wire) }
}
