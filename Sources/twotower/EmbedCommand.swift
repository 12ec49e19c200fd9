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
            image row i is: `path number`, or `path` of a list without numbers. `twotower search` looks for neighbours in
            such files. With --bad-image skip images that can't be read have no row.
            """)

    @OptionGroup var net: TrainedNetArguments

    @Option(help: ArgumentHelp("Which tower: a or b.", valueName: "a|b"))
    var tower: TowerSplit.Half

    @Option(
        help: ArgumentHelp(
            "Images, a line `path number` or `path` each, or an LMDB where the tower reads one (default: what the tower's "
                + "TEST phase names).", valueName: "file"))
    var list: String = ""

    @Option(help: ArgumentHelp("Where to write: NAME.npy and NAME.ids.txt.", valueName: "NAME.npy"))
    var output: String

    @Option(help: ArgumentHelp("Another blob of the tower than its embedding: conv5, fc6, ...", valueName: "name"))
    var blob: String?

    @OptionGroup var passing: PassArguments

    func validate() throws {
        if !output.hasSuffix(".npy") { throw ValidationError("--output \(output): give a name that ends in .npy") }
    }

    func run() throws {
        try Job.run(threads: passing.compute.threads, stallTimeout: passing.watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let pass = try TowerPass.make(
                net.trained, tower: tower, list: list, blob: blob, options: passing.options, communicator: communicator,
                log: log)
            let files = try communicator.together {
                communicator.isRankZero ? try EmbeddingFiles(output, count: pass.count, length: pass.lengths[0]) : nil
            }
            var bar = passing.progress.bar("images", communicator)
            bar.show(0, of: pass.count)
            try pass.run { batch in
                try files?.append(batch, of: pass)
                bar.show(batch.seen, of: pass.count)
            }
            try communicator.together { try files?.finish() }
            log.say(
                "\(pass.count - pass.leftOut) embeddings of \(pass.lengths[0]) values in \(output)"
                    + (pass.leftOut > 0 ? "; \(pass.leftOut) images left out, which can't be read" : ""))
        }
    }
}

/// Embeddings and whose they are, written as they come.
private struct EmbeddingFiles {
    private let rows: EmbeddingWriter
    private let ids: DraftFile

    init(_ path: String, count: Int, length: Int) throws {
        try AtomicFile.makeFolder(of: path)
        rows = try EmbeddingWriter(path, count: count, length: length)
        ids = try DraftFile(EmbeddingIDs.path(beside: path))
    }

    func append(_ batch: ListPass.Batch, of pass: ListPass) throws {
        try rows.append(rows: batch.rows[0])
        let labels = pass.labels(of: batch)
        let lines = batch.indices.enumerated().map { row, index in
            let name = pass.source.name(of: index, column: 0)
            guard let label = labels?[row] else { return "\(name)\n" }
            return "\(name) \(Int(exactly: label).map(String.init) ?? "\(label)")\n"
        }
        try ids.append(Data(lines.joined().utf8))
    }

    func finish() throws {
        try ids.publish()
        try rows.finish()
    }
}
