import Foundation
import Tensors
import Verification

/// The files that `twotower evaluate` writes into its folder, each whole or not at all.
struct EvaluationFiles {
    let folder: String

    private var json: String { "\(folder)/evaluation.json" }
    private var csv: String { "\(folder)/roc.csv" }
    private var page: String { "\(folder)/report.html" }
    var names: [String] { [json, csv, page] }

    /// Makes the folder, and finds out before the work whether it can be written.
    func probe() throws { try AtomicFile.probe(prefix: json) }

    func write(_ evaluation: Evaluation, curve: ROCCurve, page report: EvaluationReport) throws {
        try write(evaluation.json(), to: json)
        try write(Data(curve.csv.utf8), to: csv)
        try write(Data(report.html().utf8), to: page)
    }

    private func write(_ data: Data, to path: String) throws {
        try AtomicFile.write(to: path) { append in try append(data) }
    }
}

extension TrainingCurves {
    /// Reads a metrics file.
    init(file: String) throws {
        do {
            self.init(try Data(contentsOf: URL(filePath: file)))
        } catch {
            throw FileError("read the metrics file", file, reason: FileError.reason(of: error))
        }
    }
}
