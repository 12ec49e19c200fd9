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
            probability p they have 1 - p. With --identities the intervals are over identities, and not over pairs.

              mpirun -np 2 twotower evaluate --model train_val.prototxt --weights snap_iter_1000.caffemodel \\
                --validation1 valid1.txt --validation2 valid2.txt --metrics run.metrics.jsonl --output evaluation
            """)

    @OptionGroup var net: TrainedNetArguments

    @OptionGroup var pairs: PairListArguments

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

    @OptionGroup var passing: PassArguments
    func validate() throws {
        if validation2 != nil, validation1 == nil { throw ValidationError("--validation2 goes with --validation1") }
        if threshold != nil, validation1 != nil {
            throw ValidationError("give --threshold or a validation list that chooses it, and not both")
        }
        if let threshold, !threshold.isFinite { throw ValidationError("--threshold \(threshold): give a number") }
        if bootstrap < 0 { throw ValidationError("--bootstrap \(bootstrap): give 0 or more") }
        if worst < 0 { throw ValidationError("--worst \(worst): give 0 or more") }
    }

    func run() throws {
        try Job.run(threads: passing.compute.threads, stallTimeout: passing.watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let files = EvaluationFiles(folder: output)
            let curves = try communicator.together {
                if communicator.isRankZero { try files.probe() }
                return communicator.isRankZero ? try metrics.map(TrainingCurves.init(file:)) : nil
            }
            let lists = [validation1, validation2].compactMap(\.self)
            let validation = lists.isEmpty ? nil : try compared(lists, identities: nil, communicator, log)
            let test = try compared(pairs.lists, identities: pairs.identities, communicator, log)
            try communicator.together {
                guard communicator.isRankZero else { return }
                log.say("evaluating \(test.table.rows.count) pairs")
                let evaluation = try Evaluation(
                    model: net.model, weights: net.weightFiles, of: test, threshold: try choice(validation, for: test),
                    bootstrap: Bootstrap(replicates: bootstrap))
                print(evaluation.text)
                try files.write(
                    evaluation, curve: test.curve(),
                    page: EvaluationPage(evaluation, of: test, training: curves, worst: worst).report())
                print("wrote \(files.names.joined(separator: ", "))")
            }
        }
    }

    private func compared(
        _ lists: [String], identities: String?, _ communicator: any Communicator, _ log: TrainingLog
    ) throws -> ComparedPairs {
        let pass = try PairPass(
            net.trained, lists: lists, options: passing.options, communicator: communicator, log: log)
        return try ComparedPairs(
            pass, identities: identities, passing.progress.bar("pairs", communicator), communicator)
    }

    /// The threshold that is given or that the validation list chooses; nil leaves it to the evaluated pairs.
    private func choice(_ validation: ComparedPairs?, for test: ComparedPairs) throws -> Evaluation.Choice? {
        if let threshold {
            return .init(distance: test.score == .distance ? threshold : 1 - threshold, origin: .given, lists: [])
        }
        guard let validation else { return nil }
        return .init(
            distance: try validation.curve().bestAccuracy.threshold, origin: .validation,
            lists: validation.files)
    }
}
