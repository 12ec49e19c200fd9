import ArgumentParser
import Comm
import Foundation
import Nets
import Pairs
import Tensors
import Training
import Verification

extension TowerSplit.Half: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument.lowercased() {
        case "a": self = .a
        case "b": self = .b
        default: return nil
        }
    }

    public static var allValueStrings: [String] { ["a", "b"] }
}

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Embeds the images of a list by one tower of a trained net, on all ranks.",
        discussion: """
            Takes the TEST phase of the net that was trained and leaves out what only training needs: the other tower,
            losses, labels and Dropout. Tower a is that of the first data layer, b that of the second. Each image comes out
            exactly once, in the order of the list.

              twotower embed --model train_val.prototxt --weights snap_iter_6000.caffemodel --tower a \\
                --list gallery.txt --output gallery.npy

            Writes gallery.npy (float32, images x values, for numpy.load) and gallery.ids.txt, whose line i says which
            image row i is: `path number`, as in the list. `twotower search` looks for neighbours in such files.
            """)

    @Option(help: ArgumentHelp("The prototxt of the net that was trained.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The caffemodels with its weights, by layer name.", valueName: "file,..."))
    var weights: String

    @Option(help: ArgumentHelp("Which tower: a or b.", valueName: "a|b"))
    var tower: TowerSplit.Half

    @Option(
        help: ArgumentHelp(
            "Images, a line `path number` each, or an LMDB where the tower reads one (default: what the tower's TEST phase "
                + "names).", valueName: "file"))
    var list: String = ""

    @Option(help: ArgumentHelp("Where to write: NAME.npy and NAME.ids.txt.", valueName: "NAME.npy"))
    var output: String

    @Option(help: ArgumentHelp("Another blob of the tower than its embedding: conv5, fc6, ...", valueName: "name"))
    var blob: String?

    @Option(help: "Show a line with progress, speed and time left: auto (on a terminal), on, off.")
    var progress = TrainCommand.Progress.auto

    @OptionGroup var weightOptions: WeightOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if !output.hasSuffix(".npy") { throw ValidationError("--output \(output): give a name that ends in .npy") }
    }

    func run() throws {
        try Job.run(threads: compute.threads, stallTimeout: watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let pass = try TowerPass.make(
                model: model, tower: tower, list: list, blob: blob,
                weights: weights.split(separator: ",").map(String.init), map: weightOptions.map,
                options: input.runOptions(compute), communicator: communicator, log: log)
            var writer: EmbeddingWriter?
            try communicator.together {
                guard communicator.isRankZero else { return }
                try AtomicFile.makeFolder(of: output)
                writer = try EmbeddingWriter(output, count: pass.count, length: pass.lengths[0])
            }
            var bar = ProgressBar("images", isShown: communicator.isRankZero ? isProgressShown : false)
            bar.show(0, of: pass.count)
            var ids: [UInt8] = []
            try pass.run { batch in
                guard let writer else { return }
                try writer.append(rows: batch.rows[0])
                for index in 0..<batch.count {
                    let label = batch.rows.count > 1 ? batch.rows[1][index] : 0
                    let name = pass.source.name(of: batch.first + index, column: 0)
                    ids += "\(name) \(Int(exactly: label).map(String.init) ?? "\(label)")\n".utf8
                }
                bar.show(writer.written, of: pass.count)
            }
            try communicator.together {
                guard let writer else { return }
                try EmbeddingIDs.write(ids, beside: output)
                try writer.finish()
            }
            log.say("\(pass.count) embeddings of \(pass.lengths[0]) values in \(output)")
        }
    }

    private var isProgressShown: Bool? { progress == .auto ? nil : progress == .on }
}
