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

    @OptionGroup var net: TrainedNetArguments

    @OptionGroup var pairs: PairListArguments

    @Option(
        help: ArgumentHelp(
            "Enrolment images, two or more of most identities: lines of a path and the identity's number, as it stands in "
                + "the file of --identities too.", valueName: "list"))
    var enrol: String?

    @Option(
        help: ArgumentHelp(
            "Images of many other people, as those trained on, in lines of the same kind: they are the impostors, and how "
                + "they vary helps where few images are enrolled (default: the list's and the enrolled ones).",
            valueName: "list"))
    var background: String?

    @Option(
        help: ArgumentHelp(
            "The tower that enrolment images, and those that claim an identity, go through: each pair's image of this "
                + "tower claims the identity of the pair's other image.", valueName: "a|b"))
    var tower: TowerSplit.Half = .b

    @Option(help: ArgumentHelp("The file to write (default: beside the weights).", valueName: "file"))
    var output: String?

    @Option(help: "What the halves are drawn by.")
    var seed: UInt64 = 1

    @OptionGroup var passing: PassArguments
    func validate() throws {
        if enrol != nil, pairs.identities == nil {
            throw ValidationError("--enrol needs --identities, which say whose images the pairs are of")
        }
        if background != nil, enrol == nil { throw ValidationError("--background goes with --enrol") }
    }

    func run() throws {
        try Job.run(threads: passing.compute.threads, stallTimeout: passing.watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let path = output ?? CalibrationFile.path(besideWeights: net.weightFiles.last ?? net.weights)
            let made = try communicator.together {
                guard communicator.isRankZero else { return CalibrationFile.Weights(file: "", checksum: "") }
                try AtomicFile.probe(prefix: path)
                return try CalibrationFile.Weights(contentsOf: net.weightFiles)
            }
            let list = try calibrationList(communicator, log)
            let enrolled = try enrol.map { try enrolment($0, communicator, log) }
            let others = try background.map { try enrolment($0, communicator, log) }
            try communicator.together {
                guard communicator.isRankZero else { return }
                let data = try list.data(enrolled: enrolled, background: others)
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

    /// Compares the pairs of the list; collective.
    private func calibrationList(_ communicator: any Communicator, _ log: TrainingLog) throws -> CalibrationList {
        let pass = try PairPass(
            net.trained, lists: pairs.lists, options: passing.options, communicator: communicator, log: log)
        return try CalibrationList(
            pass, identities: pairs.identities, tower: tower, passing.progress.bar("pairs", communicator), communicator)
    }

    /// Embeds images whose identities their list says; collective.
    private func enrolment(_ list: String, _ communicator: any Communicator, _ log: TrainingLog) throws -> EnrolmentList
    {
        let pass = try TowerPass.make(
            net.trained, tower: tower, list: list, blob: nil, options: passing.options, communicator: communicator,
            log: log)
        return try EnrolmentList(pass, name: list, passing.progress.bar("images", communicator), communicator)
    }
}
