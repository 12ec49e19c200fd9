import ArgumentParser
import Comm
import Foundation
import Pairs
import Tensors
import Training
import Verification

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says how far apart two pictures are, and whether they match.",
        discussion: """
            Prints the distance of the two embeddings (of a softmax head 1 - its probability of a match), the threshold, the
            verdict, match or no match, and the probability of a match. Threshold and probability come from the calibration
            that "twotower calibrate" has written beside the weights. Pictures are prepared as the net's TEST data layers
            say; the first goes through the first layer's tower.

              twotower compare --model train_val.prototxt --weights snap_iter_1000.caffemodel a.jpg b.jpg

            Many pairs come from two lists or, as lines pathA<TAB>pathB, from standard input. Of each a line is printed, in
            order, as soon as it is known: pathA, pathB, distance, verdict, probability with tabs between them, or a JSON
            object. Of a picture that can't be read the line tells why, the others go on, and the exit status is 1.
            """)

    @Argument(help: "Two pictures.")
    var pictures: [String] = []

    @OptionGroup var net: TrainedNetArguments

    @Option(help: ArgumentHelp("A list of tower A's pictures.", valueName: "list"))
    var list1: String?

    @Option(help: ArgumentHelp("Tower B's, read line by line with it.", valueName: "list"))
    var list2: String?

    @Flag(help: "Read pairs from standard input, pathA<TAB>pathB a line.")
    var stdin = false

    @Option(
        help: ArgumentHelp("What \"twotower calibrate\" has written (default: beside the weights).", valueName: "file"))
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "The largest distance, or the least probability of a softmax head, that is a match; or the name of one of the "
                + "calibration's: eer, best_accuracy, far_10, far_7.5, far_5, far_1. (default: best_accuracy)",
            valueName: "number|name"))
    var threshold: String?

    @Option(
        help: ArgumentHelp(
            "The share of pairs that match where the net is used, from which probabilities then follow by Bayes' rule; the "
                + "verdict stays (default: that of the calibration's list).", valueName: "0...1"))
    var prior: Double?

    @Flag(help: "Print a JSON object a pair.")
    var json = false

    @OptionGroup var input: InputOptions
    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if (list1 == nil) != (list2 == nil) { throw ValidationError("--list1 and --list2 go together") }
        if let prior, !(prior > 0 && prior < 1) {
            throw ValidationError("--prior \(prior): give a share between 0 and 1, as in 0.01")
        }
        let sources = [!pictures.isEmpty, list1 != nil, stdin].count { $0 }
        guard sources == 1, pictures.isEmpty || pictures.count == 2 else {
            throw ValidationError("give two pictures, or --list1 and --list2, or --stdin")
        }
    }

    func run() throws {
        try Job.run(threads: compute.threads) { communicator, log in
            guard communicator.size == 1 else { throw CompareFault.ranks(communicator.size) }
            var options = input.runOptions(compute)
            let source = try source(&options)
            options.precision = try options.precision.agreed(over: communicator, log: log)
            // Nothing else runs while pictures are decoded.
            options.decodingThreads = max(options.decodingThreads, Threads.count)
            let comparer = try PairComparer(net.trained, options: options, log: log)
            let verdict = try Verdict(
                score: comparer.score, weights: net.weightFiles, calibration: calibration, threshold: threshold,
                prior: prior)
            if let threshold = verdict.threshold, let origin = verdict.origin {
                log.say("threshold \(threshold) (\(origin))")
            } else {
                log.warn(
                    "there is no threshold, so there are no verdicts: make a calibration with twotower calibrate, or give "
                        + "--threshold")
            }
            let text = ComparisonText(verdict, json: json, isSingle: !pictures.isEmpty)
            var (count, unreadable) = (0, 0)
            try comparer.run(source) { comparisons in
                count += comparisons.count
                unreadable += comparisons.count { if case .failure = $0.outcome { true } else { false } }
                let lines = try comparisons.map(text.text).joined()
                try FileHandle.standardOutput.write(contentsOf: Data(lines.utf8))
            }
            if unreadable > 0 { throw CompareFault.unreadable(unreadable, of: count) }
        }
    }

    /// - Parameter options: lose their root folder where the paths of lists have it already.
    private func source(_ options: inout RunOptions) throws -> PairLines.Source {
        if let list1, let list2 {
            let root = options.rootFolder ?? ""
            options.rootFolder = nil
            return PairLines.of(try PairList([list1, list2].map { .init(file: $0, rootFolder: root) }))
        }
        if stdin { return PairLines.of(descriptor: STDIN_FILENO, name: "standard input") }
        return PairLines.of([PicturePaths(pictures[0], pictures[1])])
    }

    private enum CompareFault: Error, CustomStringConvertible {
        case ranks(Int)
        case unreadable(Int, of: Int)

        var description: String {
            switch self {
            case .ranks(let count): "compare works alone, on all cores of one machine; it was started on \(count) ranks"
            case .unreadable(let count, let all): "of \(count) of \(all) pair(s) a picture can't be read"
            }
        }
    }
}
