import ArgumentParser
import Comm
import Foundation
import Nets
import Tensors
import Training
import Verification

struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Finds thresholds, and how likely a distance is a match, on a validation list.",
        discussion: """
            Compares each pair of two lists exactly once, on all ranks, and fits on them

              logistic     P(match) as a logistic function of the distance
              isotonic     P(match) as the best function of the distance that never rises
              gaussians    a normal density of embedding a - embedding b for matching pairs, and one for others
              identities   with --enrol, a normal density for each enrolled identity, as Chopra, Hadsell and LeCun (2005)

            and the thresholds of equal error, of best accuracy, and of 10, 7.5, 5 and 1 % false accepts. Prints for each
            model the expected calibration error (ECE, 15 equal bins of P) and the Brier score on the list itself and on
            halves of it that the model had not seen: with --identities the halves share no identity of a matching pair.
            All goes into one file beside the weights, w.calibration.json for w.caffemodel, which "twotower compare" reads.
            With a softmax head the distance is 1 - its probability of a match. The list should be one that was not
            trained on, with as many matches among its pairs as where the net will be used.

              mpirun -np 2 twotower calibrate --model train_val.prototxt --weights snap_iter_1000.caffemodel \\
                --list1 valid1.txt --list2 valid2.txt --identities valid.ids.txt --enrol enrol.txt
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
            "Whose images the pairs are of, identityA<TAB>identityB for each line of the lists.", valueName: "file"))
    var identities: String?

    @Option(
        help: ArgumentHelp(
            "Enrolment images, two or more of most identities: lines of a path and the identity's number, as it stands in "
                + "the file of --identities too.", valueName: "list"))
    var enrol: String?

    @Option(
        help: ArgumentHelp(
            "The tower that enrolment images, and those that claim an identity, go through: each pair's image of this "
                + "tower claims the identity of the pair's other image.", valueName: "a|b"),
        transform: half)
    var tower: TowerSplit.Half = .b

    @Option(help: ArgumentHelp("The file to write (default: beside the weights).", valueName: "file"))
    var output: String?

    @Option(help: "What the halves are drawn by.")
    var seed: UInt64 = 1

    @OptionGroup var input: InputOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if (list1 == nil) != (list2 == nil) { throw ValidationError("--list1 and --list2 go together") }
        if enrol != nil, identities == nil {
            throw ValidationError("--enrol needs --identities, which say whose images the pairs are of")
        }
    }

    func run() throws {
        try Job.run(threads: compute.threads, stallTimeout: watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let path = output ?? CalibrationFile.path(besideWeights: weightFiles.last ?? weights)
            let made = try communicator.together {
                guard communicator.isRankZero else { return CalibrationFile.Weights(file: "", checksum: "") }
                try AtomicFile.probe(prefix: path)
                return try CalibrationFile.Weights(contentsOf: weightFiles)
            }
            let list = try calibrationList(communicator, log)
            let enrolled = try enrol.map { try enrolment($0, communicator, log) }
            try communicator.together {
                guard communicator.isRankZero else { return }
                let data = try list.data(enrolled: enrolled)
                let file = CalibrationFile(
                    try CalibrationFit(data, seed: seed), weights: made,
                    head: list.score == .distance ? .distance : .probability, identityTower: "\(tower)")
                let text = try file.encoded()
                try AtomicFile.write(to: path) { append in try append(text) }
                print(CalibrationSummary(file, of: data.table))
                print("wrote \(path)")
            }
        }
    }

    private static func half(_ text: String) throws -> TowerSplit.Half {
        guard let half = TowerSplit.Half.allCases.first(where: { "\($0)" == text.lowercased() }) else {
            throw ValidationError("--tower \(text): give a or b")
        }
        return half
    }

    private var weightFiles: [String] { weights.split(separator: ",").map(String.init) }

    /// Compares the pairs of the list; collective.
    private func calibrationList(_ communicator: any Communicator, _ log: TrainingLog) throws -> CalibrationList {
        let pass = try PairPass(
            model: model, lists: [list1, list2].compactMap { $0 }, weights: weightFiles, map: weightOptions.map,
            options: input.runOptions(compute), communicator: communicator, log: log)
        return try CalibrationList(pass, identities: identities, tower: tower, communicator: communicator)
    }

    /// Embeds the enrolment images; collective.
    private func enrolment(_ list: String, _ communicator: any Communicator, _ log: TrainingLog) throws -> EnrolmentList
    {
        let pass = try TowerPass.make(
            model: model, tower: tower, list: list, blob: nil, weights: weightFiles, map: weightOptions.map,
            options: input.runOptions(compute), communicator: communicator, log: log)
        return try EnrolmentList(pass, name: list, communicator: communicator)
    }
}
