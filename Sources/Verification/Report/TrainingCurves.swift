package import Foundation

/// The losses and test outputs of a training, read from its metrics file (`--metrics`): one JSON object a line.
package struct TrainingCurves: Sendable {
    package struct Point: Equatable, Sendable {
        package let iteration: Int
        package let value: Double

        package init(_ iteration: Int, _ value: Double) {
            self.iteration = iteration
            self.value = value
        }
    }

    /// The loss at each display, and its mean over the last ones.
    package private(set) var loss: [Point] = []
    package private(set) var smoothedLoss: [Point] = []
    /// Each test output by name, in the order in which they first come; "loss" or, of several values, "prob[1]".
    package private(set) var tests: [(name: String, points: [Point])] = []
    /// Lines that are no JSON object of this kind, such as one that a full disk cut off.
    package private(set) var badLines = 0

    /// What is read of a line; the file has more.
    private struct Line: Decodable {
        let phase: String
        let iteration: Int
        let loss: Double?
        let smoothedLoss: Double?
        let outputs: [String: [Double]]?

        enum CodingKeys: String, CodingKey {
            case phase, iteration, loss, outputs
            case smoothedLoss = "smoothed_loss"
        }
    }

    /// Reads the text of a metrics file.
    ///
    /// A run that was resumed has written some iterations twice; the later lines count.
    package init(_ text: Data) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        for bytes in text.split(separator: UInt8(ascii: "\n")) {
            guard let line = try? decoder.decode(Line.self, from: Data(bytes)) else {
                badLines += 1
                continue
            }
            if line.phase == "train" {
                Self.add(line.loss, at: line.iteration, to: &loss)
                Self.add(line.smoothedLoss, at: line.iteration, to: &smoothedLoss)
            } else {
                add(line)
            }
        }
    }

    package var isEmpty: Bool { loss.isEmpty && smoothedLoss.isEmpty && tests.isEmpty }

    /// Adds a test's outputs; those of a second test net say so.
    private mutating func add(_ test: Line) {
        let suffix = test.phase == "test 0" ? "" : " (\(test.phase))"
        for (name, values) in (test.outputs ?? [:]).sorted(by: { $0.key < $1.key }) {
            for (index, value) in values.enumerated() {
                addTest((values.count == 1 ? name : "\(name)[\(index)]") + suffix, value, at: test.iteration)
            }
        }
    }

    private mutating func addTest(_ name: String, _ value: Double, at iteration: Int) {
        if let index = tests.firstIndex(where: { $0.name == name }) {
            Self.add(value, at: iteration, to: &tests[index].points)
        } else {
            tests.append((name, [Point(iteration, value)]))
        }
    }

    private static func add(_ value: Double?, at iteration: Int, to points: inout [Point]) {
        guard let value else { return }
        while let last = points.last, last.iteration >= iteration { points.removeLast() }
        points.append(Point(iteration, value))
    }
}
