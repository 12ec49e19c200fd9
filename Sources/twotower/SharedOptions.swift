import ArgumentParser
import Nets
import Pairs
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
    @Option(
        name: .customLong("engine"),
        help: """
            Who computes where the net leaves it open: CAFFE (im2col and OpenBLAS) or DNNL (oneDNN). (default: DNNL; and \
            training measures at its start which of several kernels is the fastest for each large layer here)
            """)
    var givenEngine: NetContext.Engine?

    var engine: NetContext.Engine { givenEngine ?? .dnnl }

    @Option(
        help: ArgumentHelp(
            "float32, or bf16 where the processor has it: convolutions and inner products of the DNNL engine multiply "
                + "in bfloat16; weights, sums, loss and update stay float32.", valueName: "float32|bf16"))
    var precision = Precision.float32

    @Option(help: "Threads of each rank (default: the cores it may use, shared out between the ranks of its host).")
    var threads: Int?

    /// Sets in a run's options who computes, and how.
    func fill(_ options: inout RunOptions) {
        options.engine = engine
        options.measuresKernels = givenEngine == nil
        options.precision = precision
    }

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

    @Flag(
        help: """
            Decode JPEGs that are at least twice too large both ways at a fraction of their size, which is faster; the \
            pixels are then not bit-equal to Caffe's.
            """)
    var fastDecode = false

    @Option(
        help: ArgumentHelp(
            """
            Keep decoded images of lists in memory, each rank up to this much (as in 2GB or 500MiB); the least recently \
            used leave first. An image takes height * width * 3 bytes. Results stay the same. A list that is not \
            shuffled gains only if all of it fits. (default: keep none)
            """, valueName: "size"), transform: memory)
    var cache: ByteCount?

    @OptionGroup var pixels: PixelLimit

    func validate() throws {
        if decodingThreads < 1 { throw ValidationError("--decoding-threads \(decodingThreads): give 1 or more") }
    }

    func runOptions(_ compute: ComputeOptions) -> RunOptions {
        var options = runOptions()
        compute.fill(&options)
        return options
    }

    /// The same without who computes.
    func runOptions() -> RunOptions {
        var options = RunOptions()
        options.rootFolder = rootFolder
        options.decodingThreads = decodingThreads
        options.decoding.isFast = fastDecode
        options.decoding.pixelLimit = pixels.maxPixels
        options.decoding.cache = cache.map { PictureCache(limit: $0.bytes) }
        return options
    }

    private static func memory(_ text: String) throws -> ByteCount {
        do {
            return try ByteCount(text)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
