import ArgumentParser
import Comm
import Foundation
import Pairs
import Training
import Verification

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Says how well a trained net tells matching pairs from others, with a report for the browser.",
        discussion: """
            Compares each pair of two lists exactly once, on all ranks, by the distance of its embeddings or, with a
            softmax head, by the probability of a match. Prints AUC, EER, average precision, error rates at several
            operating points and the accuracy at a threshold, each with a bootstrap interval of 95 %, and writes into a
            folder

              evaluation.json   all figures
              roc.csv           the ROC curve: threshold, false accept rate, true accept rate
              report.html       curves, histograms, and the worst errors as pictures; needs no network

            The threshold is the one that is most accurate on a validation list. Without such a list it is chosen on the
            evaluated pairs themselves, which flatters the accuracy, and the report says so. Files keep distances: of a
            probability p they have 1 - p.

              mpirun -np 2 twotower evaluate --model train_val.prototxt --weights snap_iter_1000.caffemodel \\
                --validation1 valid1.txt --validation2 valid2.txt --metrics run.metrics.jsonl --output evaluation
            """)

    @Option(help: ArgumentHelp("The net's prototxt, as it was trained.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The caffemodels with its weights, by layer name.", valueName: "file,..."))
    var weights: String

    @OptionGroup var weightOptions: WeightOptions

    @Option(help: ArgumentHelp("Tower A's images (default: the list of the net's TEST phase).", valueName: "list"))
    var list1: String?

    @Option(help: ArgumentHelp("Tower B's, read line by line with it.", valueName: "list"))
    var list2: String?

    @Option(
        help: ArgumentHelp(
            "Whose images the pairs are of, identityA<TAB>identityB for each line of the lists: the intervals are then "
                + "over identities, and not over pairs.", valueName: "file"))
    var identities: String?

    @Option(help: ArgumentHelp("Tower A's images of the pairs that choose the threshold.", valueName: "list"))
    var validation1: String?

    @Option(help: ArgumentHelp("Tower B's.", valueName: "list"))
    var validation2: String?

    @Option(help: "A threshold instead: the largest distance, or the least probability, that is accepted.")
    var threshold: Float?

    @Option(help: ArgumentHelp("The training's metrics file, whose curves the report shows.", valueName: "file"))
    var metrics: String?

    @Option(help: ArgumentHelp("How many lists are drawn anew for the intervals; 0 for none.", valueName: "lists"))
    var bootstrap = 1000

    @Option(help: ArgumentHelp("How many of the worst errors of each kind the report shows.", valueName: "pairs"))
    var worst = 12

    @Option(help: ArgumentHelp("The folder for what is written; made if it is not there.", valueName: "folder"))
    var output: String

    @OptionGroup var input: InputOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        for (first, second, names) in [
            (list1, list2, "--list1 and --list2"), (validation1, validation2, "--validation1 and --validation2"),
        ] where (first == nil) != (second == nil) {
            throw ValidationError("\(names) go together")
        }
        if threshold != nil, validation1 != nil {
            throw ValidationError("give --threshold or a validation list that chooses it, and not both")
        }
        if let threshold, !threshold.isFinite { throw ValidationError("--threshold \(threshold): give a number") }
        if bootstrap < 0 { throw ValidationError("--bootstrap \(bootstrap): give 0 or more") }
        if worst < 0 { throw ValidationError("--worst \(worst): give 0 or more") }
    }

    func run() throws {
        try Job.run(threads: compute.threads, stallTimeout: watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let files = EvaluationFiles(folder: output)
            let curves = try communicator.together {
                if communicator.isRankZero { try files.probe() }
                return communicator.isRankZero ? try metrics.map(TrainingCurves.init(file:)) : nil
            }
            let validation = try lists(validation1, validation2).map {
                try compared($0, identities: nil, communicator, log)
            }
            let test = try compared(lists(list1, list2) ?? [], identities: identities, communicator, log)
            try communicator.together {
                guard communicator.isRankZero else { return }
                log.say("evaluating \(test.table.rows.count) pairs")
                let evaluation = try Evaluation(
                    model: model, weights: weightFiles, of: test, threshold: try choice(validation, for: test),
                    bootstrap: Bootstrap(replicates: bootstrap))
                print(evaluation.text)
                try files.write(
                    evaluation, curve: test.curve(),
                    page: EvaluationPage(evaluation, of: test, training: curves, worst: worst).report())
                print("wrote \(files.names.joined(separator: ", "))")
            }
        }
    }

    private var weightFiles: [String] { weights.split(separator: ",").map(String.init) }

    private func lists(_ first: String?, _ second: String?) -> [String]? {
        if let first, let second { [first, second] } else { nil }
    }

    private func compared(
        _ lists: [String], identities: String?, _ communicator: any Communicator, _ log: TrainingLog
    ) throws -> ComparedPairs {
        let pass = try PairPass(
            model: model, lists: lists, weights: weightFiles, map: weightOptions.map,
            options: input.runOptions(compute), communicator: communicator, log: log)
        return try ComparedPairs(pass, identities: identities, communicator: communicator)
    }

    /// The threshold that is given or that the validation list chooses; nil leaves it to the evaluated pairs.
    private func choice(_ validation: ComparedPairs?, for test: ComparedPairs) throws -> Evaluation.Choice? {
        if let threshold {
            return .init(distance: test.score == .distance ? threshold : 1 - threshold, origin: .given, lists: [])
        }
        guard let validation else { return nil }
        return .init(
            distance: try validation.curve().bestAccuracy.threshold, origin: .validation,
            lists: validation.source.files)
    }
}
