import ArgumentParser
import Foundation
import Nets
import Training

struct TrainCommand: ParsableCommand {
    /// When the progress line is shown; mpirun hides from a rank whether a terminal is there, so its caller can say.
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a net by a solver.",
        discussion: """
            Writes PREFIX_iter_N.caffemodel and PREFIX_iter_N.solverstate (Caffe reads both), logs as Caffe does on
            standard error, and appends a line a display to PREFIX.metrics.jsonl; PREFIX is the solver's
            snapshot_prefix. batch_size is the number of pairs of all ranks together.

            SIGINT and SIGUSR2 stop it with a snapshot (status 0), SIGTERM and SIGUSR1 evict it with one (status 75), SIGHUP
            writes one and goes on. A job that hangs ends with status 74 (--stall-timeout), one that fails with 1.

            Files that a definition names are looked for from the working directory, then beside the definition.
            """)

    @Option(help: ArgumentHelp("The solver's prototxt, which names the net.", valueName: "file"))
    var solver: String

    @Option(help: ArgumentHelp("Begin with the weights of these caffemodels (by layer name).", valueName: "file,..."))
    var weights: String?

    @OptionGroup var weightOptions: WeightOptions

    @Option(help: ArgumentHelp("Go on from this solverstate.", valueName: "file"))
    var snapshot: String?

    @Flag(
        help: """
            Go on from the newest complete snapshot under the snapshot prefix; where there is none, begin, with --weights \
            if they are given.
            """)
    var resume = false

    @Option(
        help: ArgumentHelp(
            "With '_p=' each layer X_p starts with the random weights of layer X: two towers that start equal learn "
                + "far sooner.", valueName: "suffix=other"))
    var startAlike: SuffixRule?

    @Option(help: "Train to this iteration instead of the solver's max_iter.")
    var maxIter: Int?

    @Option(help: "Write snapshots under this prefix instead of the solver's.")
    var snapshotPrefix: String?

    @Flag(help: "batch_size counts the pairs of each rank, as with Caffe and Horovod; prints the batch of all.")
    var batchPerRank = false

    @OptionGroup var progress: ProgressArguments

    @Option(
        help: ArgumentHelp(
            "Also write what PREFIX.metrics.jsonl gets, and histograms of the embeddings at each test, for TensorBoard: an "
                + "event file a run in this folder, which `tensorboard --logdir` shows.", valueName: "folder"))
    var tensorboard: String?

    @Flag(help: "Say nothing of what runs but is probably not meant (the lines that begin with \"lint:\").")
    var noLint = false

    @OptionGroup var input: InputOptions
    @OptionGroup var badImages: BadImageArguments
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var exchange: ExchangeArguments
    @OptionGroup var deterministic: DeterministicArguments
    @OptionGroup var timeline: TimelineArguments
    @OptionGroup var watch: WatchArguments
    @OptionGroup var snapshots: SnapshotArguments
    @OptionGroup var verification: VerificationArguments

    func validate() throws {
        if snapshot != nil, weights != nil || resume {
            throw ValidationError(
                "--snapshot excludes --weights and --resume: it is what training begins with")
        }
        if !snapshots.allowChanged.isEmpty, snapshot == nil, !resume {
            throw ValidationError(
                "--allow-changed goes with --resume or --snapshot: it says what may differ from a snapshot")
        }
        if weightOptions.map != nil, snapshot != nil || (resume && weights == nil) {
            throw ValidationError("--map goes with --weights: a snapshot brings the weights of all its layers")
        }
        if let maxIter, maxIter < 1 { throw ValidationError("--max-iter \(maxIter): give 1 or more") }
    }

    func run() throws {
        SignalInbox.listen()
        let threads = deterministic.threads(compute.threads)
        let wish = try Job.run(threads: threads, stallTimeout: watch.stallTimeout) { communicator, log in
            let plan = try TrainingPlan.make(request, communicator: communicator, log: log)
            return try Trainer(plan, communicator: communicator, log: log).run()
        }
        if wish.exitStatus != 0 { throw ExitCode(wish.exitStatus) }
    }

    private var request: TrainingPlan.Request {
        var request = TrainingPlan.Request(solverPath: solver)
        request.weights = weights.map { $0.split(separator: ",").map(String.init) } ?? []
        request.map = weightOptions.map
        request.snapshot = snapshot
        request.resumesNewest = resume
        request.alike = startAlike
        request.maxIteration = maxIter
        request.snapshotPrefix = snapshotPrefix
        request.snapshots = snapshots.options
        request.options = input.runOptions(compute)
        badImages.fill(&request.options)
        request.options.exchange = exchange.options
        request.options.placement = exchange.placement
        request.options.deterministic = deterministic.options
        request.options.batchPerRank = batchPerRank
        request.options.lints = !noLint
        request.options.timeline = timeline.options
        request.options.tensorBoard = tensorboard
        request.options.watch = verification.options
        request.options.showsProgress = progress.isShown
        return request
    }
}
