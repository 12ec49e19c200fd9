import Foundation
import Verification

/// The calibration that belongs to a net's weights.
struct ChosenCalibration {
    let file: CalibrationFile
    let path: String

    /// The one that is given, or else the one beside the weights; nil where there is none.
    ///
    /// - Throws: what is wrong with it; it must be of these very weights.
    init?(_ given: String?, weights: [String]) throws {
        let beside = CalibrationFile.path(besideWeights: weights.last ?? "")
        guard let path = given ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil) else { return nil }
        file = try CalibrationFile(contentsOf: path)
        self.path = path
        try file.check(weights: try .init(contentsOf: weights), file: path)
    }
}
