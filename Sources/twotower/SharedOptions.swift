import ArgumentParser
import Nets
import Tensors
import Training

extension NetContext.Engine: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rawValue: argument.uppercased())
    }
}

extension Precision: ExpressibleByArgument {}

extension SuffixRule: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

/// What every command that computes takes.
struct ComputeOptions: ParsableArguments {
    @Option(help: "Who computes where the net leaves it open: CAFFE (im2col and OpenBLAS) or DNNL (oneDNN).")
    var engine = NetContext.Engine.dnnl

    @Option(
        help: ArgumentHelp(
            "float32, or bf16 where the processor has it: convolutions and inner products of the DNNL engine multiply "
                + "in bfloat16; weights, sums, loss and update stay float32.", valueName: "float32|bf16"))
    var precision = Precision.float32

    @Option(help: "Threads of each rank (default: the cores it may use, shared out between the ranks of its host).")
    var threads: Int?

    func validate() throws {
        if precision == .bf16, engine == .caffe {
            throw ValidationError("--precision bf16 needs --engine DNNL: CAFFE, the reference, computes in float32")
        }
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): give 1 or more") }
    }
}

/// How a command that takes weights from files finds them.
struct WeightOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "With '_p=' a layer X_p whose weights no file has takes those of X, and the other way round: both towers "
                + "start from a model of one. Prints which layer takes what.", valueName: "suffix=other"))
    var map: SuffixRule?
}

/// What every command that reads lists of images takes.
struct InputOptions: ParsableArguments {
    @Option(help: "Put before every path of the lists, as it is (no slash is added); overrides the net's root_folder.")
    var rootFolder: String?

    @Option(help: "Threads of each rank that decode images ahead of the computation.")
    var decodingThreads = 2

    func validate() throws {
        if decodingThreads < 1 { throw ValidationError("--decoding-threads \(decodingThreads): give 1 or more") }
    }

    func runOptions(_ compute: ComputeOptions) -> RunOptions {
        var options = RunOptions()
        options.engine = compute.engine
        options.precision = compute.precision
        options.rootFolder = rootFolder
        options.decodingThreads = decodingThreads
        return options
    }
}
