import ArgumentParser
import Comm
import Training

extension Wire: ExpressibleByArgument {}

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

    var options: ExchangeOptions { ExchangeOptions(method: exchange.method, wire: wire) }
}
