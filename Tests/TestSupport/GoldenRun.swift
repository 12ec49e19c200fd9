import Foundation

/// A training of `Tests/Golden` set up in a scratch folder, where the relative paths of its files hold by links, so that
/// no test has to change the process's working directory; snapshots go there too.
package struct GoldenRun: Sendable {
    package let folder: ScratchDirectory
    /// The solver, in the folder itself.
    package let solver: String

    /// - Parameters:
    ///   - name: the folder with the solver, "net_shared" or "solvers/sgd".
    ///   - net: the folder with its net.
    ///   - editSolver: changes the solver's text.
    ///   - editNet: changes the net's text.
    package init(
        _ name: String, net: String? = nil, editSolver: ((inout String) -> Void)? = nil,
        editNet: ((inout String) -> Void)? = nil
    ) throws {
        let net = net ?? name
        folder = try ScratchDirectory("golden")
        for file in ["train1.txt", "train2.txt", "test1.txt", "test2.txt", "images"] {
            try folder.link("\(net)/\(file)", to: Golden.path(file))
        }
        try folder.write("\(net)/train_val.prototxt", Self.edited("\(net)/train_val.prototxt", editNet))
        solver = try folder.write("solver.prototxt", Self.edited("\(name)/solver.prototxt", editSolver))
    }

    /// A golden file's text after an edit, which must change something.
    private static func edited(_ file: String, _ edit: ((inout String) -> Void)?) throws -> String {
        let text = try String(contentsOfFile: Golden.path(file), encoding: .utf8)
        guard let edit else { return text }
        var edited = text
        edit(&edited)
        precondition(edited != text, "an edit of \(file) that finds nothing to change")
        return edited
    }

    /// Makes a golden net random: half of its last activations are dropped, and its lists shuffled.
    package static func stir(_ net: inout String) {
        net = net.replacing("batch_size: 8\n", with: "batch_size: 8\n    shuffle: true\n")
            .replacing("dropout_ratio: 0 ", with: "dropout_ratio: 0.5 ")
        precondition(net.contains("dropout_ratio: 0.5 ") && net.contains("shuffle: true"), "another net than thought")
    }

    /// Ends the towers of a golden net in embeddings of length 1 and this loss of them instead of the contrastive one.
    ///
    /// - Parameter loss: type and parameters of a layer, as prototxt.
    package static func endIn(_ loss: String, _ net: inout String) {
        guard let end = net.range(of: "layers {\n  name: \"loss\"") else {
            preconditionFailure("another net than thought")
        }
        net.removeSubrange(end.lowerBound...)
        net += """
            layer { name: "norm" type: "L2Normalize" bottom: "fc7" top: "norm" }
            layer { name: "norm_p" type: "L2Normalize" bottom: "fc7_p" top: "norm_p" }
            layer { name: "loss" bottom: "norm" bottom: "norm_p" top: "loss" \(loss) }

            """
    }

    /// The net's prototxt.
    package func net(_ name: String) -> String { folder.file("\(name)/train_val.prototxt") }

    /// Where the snapshots go.
    package var prefix: String { folder.file("snap") }

    /// The lines of the metrics file, in order.
    package func metrics() throws -> [MetricsLine] { try MetricsLine.read(prefix + ".metrics.jsonl") }
}

/// What tests look at in a line of a metrics file.
package struct MetricsLine: Decodable, Sendable {
    package let phase: String
    package let iteration: Int
    package let loss: Double?
    package let smoothedLoss: Double?
    package let learningRate: Double?
    package let outputs: [String: [Double]]?

    package static func read(_ path: String) throws -> [MetricsLine] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try decoder.decode(MetricsLine.self, from: Data($0.utf8))
        }
    }
}

extension Golden {
    /// The numbers of a table such as "losses.txt", line by line; lines that begin with # are left out.
    package static func table(_ file: String) throws -> [[Double]] {
        try lines(file).map { $0.split(separator: " ").compactMap { Double($0) } }
    }

    package static func text(_ file: String) throws -> String {
        try String(contentsOfFile: path(file), encoding: .utf8)
    }

    /// A text file's lines without those that begin with #.
    package static func lines(_ file: String) throws -> [String] {
        try String(contentsOfFile: path(file), encoding: .utf8).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") }
    }
}

extension Compare {
    /// nil if no number differs from its expected one by more than `tolerance` times that one; else a sentence.
    package static func relativeMismatch(
        _ what: String, _ found: [Double], _ expected: [Double], tolerance: Double = 1e-4
    ) -> String? {
        guard found.count == expected.count else { return "\(what): \(found.count) values, expected \(expected.count)" }
        // Written so that a NaN counts as a difference.
        let at = found.indices.first { !(abs(found[$0] - expected[$0]) <= tolerance * abs(expected[$0])) }
        return at.map { "\(what)[\($0)]: \(found[$0]), expected \(expected[$0]), relative ± \(tolerance)" }
    }

    /// The largest relative difference, to be printed beside a test's limit.
    package static func largestRelativeDifference(_ found: [Double], _ expected: [Double]) -> Double {
        zip(found, expected).map { abs($0 - $1) / abs($1) }.max() ?? 0
    }
}
