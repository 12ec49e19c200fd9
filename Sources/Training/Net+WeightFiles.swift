import CaffeProto
import Nets

extension Net {
    /// Takes the weights of files, later ones over earlier ones, and says which layer took what.
    func loadWeights(fromFiles files: [String], log: TrainingLog) throws {
        for file in files {
            let report = try flagHint("--weights", for: .caffemodel, "--snapshot", for: .solverstate) {
                try loadWeights(from: file)
            }
            log.say("Weights from \(file): \(report)")
        }
    }
}

/// Adds to an error about a file of the wrong kind which flag takes that kind.
func flagHint<R>(
    _ given: String, for expected: CaffeFile.Kind, _ other: String, for actual: CaffeFile.Kind, _ body: () throws -> R
) throws -> R {
    do {
        return try body()
    } catch let error as CaffeFileError where error.actual == actual {
        throw SolverError(
            "\(error.file) is \(actual.name), and \(given) takes \(expected.name); give it with \(other) instead")
    }
}
