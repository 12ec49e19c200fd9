import ArgumentParser
import Comm
import Foundation
import Nets
import Pairs
import Training
import Verification

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Says how likely images show whom they claim to show, by the densities of enrolled identities.",
        discussion: """
            Reads a list of lines `path number`, on all ranks; the number is that of the identity that the image claims, as it
            stands in the list that was enrolled. The densities are those of "twotower calibrate --enrol" (Chopra, Hadsell and
            LeCun, 2005, section 4.1). Prints a line an image, in order, with tabs between path, number, verdict, probability
            and the logarithm of genuine / impostor, which tells claims apart where the probability is 0 or 1 for both.

              twotower calibrate --model train_val.prototxt --weights w.caffemodel --list1 valid1.txt --list2 valid2.txt \\
                --identities valid.ids.txt --enrol enrol.txt
              twotower verify --model train_val.prototxt --weights w.caffemodel --list claims.txt
            """)

    @OptionGroup var net: TrainedNetArguments

    @Option(help: ArgumentHelp("The images, each with the number of the identity that it claims.", valueName: "list"))
    var list: String

    @Option(
        help: ArgumentHelp("What \"twotower calibrate\" has written (default: beside the weights).", valueName: "file"))
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "The least probability that is accepted; or the name of a rate of false claims accepted on the calibration's "
                + "list: far_10, far_7.5, far_5, far_1.", valueName: "0...1|name"))
    var threshold = "0.5"

    @Flag(help: "Print a JSON object an image.")
    var json = false

    @OptionGroup var passing: PassArguments
    func validate() throws {
        if let number = Double(threshold), !(number >= 0 && number <= 1) {
            throw ValidationError("--threshold \(threshold): give a probability from 0 to 1, or a name")
        }
    }

    func run() throws {
        try Job.run(threads: passing.compute.threads, stallTimeout: passing.watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let judge = try communicator.together {
                try ClaimJudge(
                    calibration: calibration, weights: net.weightFiles, threshold: threshold)
            }
            let pass = try TowerPass.make(
                net.trained, tower: judge.tower, list: list, blob: nil, options: passing.options,
                communicator: communicator,
                log: log)
            try communicator.together { try judge.check(length: pass.lengths[0]) }
            var bar = passing.progress.bar("images", communicator)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            try pass.run { batch in
                guard communicator.isRankZero, !batch.indices.isEmpty else { return }
                let rows = EmbeddingRows(batch.rows[0], length: pass.lengths[0])
                let lines = try zip(batch.indices, judge.judge(rows, try claimed(batch, pass)))
                    .map { index, judged in try text(judged, path: pass.source.name(of: index, column: 0), encoder) }
                Console.showProgress("")
                try FileHandle.standardOutput.write(contentsOf: Data(lines.joined().utf8))
                bar.show(batch.seen, of: pass.count)
            }
        }
    }

    private func claimed(_ batch: ListPass.Batch, _ pass: ListPass) throws -> [Float] {
        guard let labels = pass.labels(of: batch) else {
            throw ValidationError("\(list) has no numbers, which say whom each image claims to show")
        }
        return labels
    }

    private struct Line: Encodable {
        let image: String
        let identity: String
        let match: Bool?
        let probability: Double?
        let logRatio: Double?
        let error: String?
    }

    private static let unknown = "nobody of this number is enrolled"

    private func text(_ judged: ClaimJudge.Judged, path: String, _ encoder: JSONEncoder) throws -> String {
        if json {
            let line = Line(
                image: path, identity: judged.identity, match: judged.match, probability: judged.probability,
                logRatio: judged.logRatio, error: judged.match == nil ? Self.unknown : nil)
            return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
        }
        guard let match = judged.match, let probability = judged.probability, let ratio = judged.logRatio else {
            return "\(path)\t\(judged.identity)\terror\t\(Self.unknown)\n"
        }
        let verdict = match ? "match" : "no match"
        return "\(path)\t\(judged.identity)\t\(verdict)\t" + String(format: "%.4g\t%.4g\n", probability, ratio)
    }
}
