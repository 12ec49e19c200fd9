import CaffeProto
import Nets

extension Net {
    /// Takes the weights of files, later ones over earlier ones, and says which layer took what.
    ///
    /// - Parameter rule: for a layer whose weights no file has, which layer's weights it takes; nil for none.
    /// - Returns: the layers that no file has weights for.
    @discardableResult
    func loadWeights(fromFiles files: [String], map rule: SuffixRule?, log: TrainingLog) throws -> [String] {
        var missing: Set<String>?
        try flagHint("--weights", for: .caffemodel, "--snapshot", for: .solverstate) {
            let map = try rule.map { try WeightMap($0, files: files) }
            var mapped = 0
            for file in files {
                let report = try loadWeights(from: file, map: map)
                mapped += report.mapped.count
                missing = missing?.intersection(report.missing) ?? Set(report.missing)
                log.say("Weights from \(file): \(report)")
            }
            if let rule, mapped == 0 {
                throw SolverError(
                    "--map \(rule) finds nothing to do: no layer that \(files.joined(separator: ", ")) lacks has a "
                        + "counterpart there")
            }
        }
        return missing?.sorted() ?? []
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
