import Foundation
import Tensors

/// One JSON object a line, appended at each display and each test: for plots, long after the log has scrolled away.
final class MetricsFile {
    /// What a line holds; a field that does not apply is left out.
    struct Line: Encodable {
        var phase: String
        var iteration: Int
        var loss: Double?
        var smoothedLoss: Double?
        var learningRate: Float?
        var pairsPerSecond: Double?
        /// Of all ranks, in 10⁹ operations a second.
        var gflops: Double?
        /// The share of the time that the step waited for pairs, on the rank that waited most.
        var dataWait: Double?
        /// The share of the time that went into the exchange of gradients when backward had ended.
        var exchange: Double?
        /// Rank zero's seconds a step in each section.
        var sectionSeconds: [StepSection: Double]?
        /// The rank for which the others waited, if there was one.
        var straggler: Straggler?
        /// The losses whose embeddings have fallen together, if there are such.
        var collapsed: [CollapseWatch.Collapse]?
        /// Since the last display, without tests and snapshots.
        var seconds: Double?
        var outputs: [String: [Double]]?
    }

    private let path: String
    private let log: TrainingLog
    private let encoder: JSONEncoder
    /// Whether the last line could not be written.
    private var isFailing = false

    init(path: String, log: TrainingLog) {
        self.path = path
        self.log = log
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }

    /// Appends a whole line or, on a full disk, nothing; that is said once until it works again, and ends no training.
    func append(_ line: Line) throws {
        let text = try encoder.encode(line) + Data("\n".utf8)
        do {
            try append(text)
            isFailing = false
        } catch {
            if !isFailing { log.warn("\(error); training goes on, without lines in it until there is room again") }
            isFailing = true
        }
    }

    private func append(_ text: Data) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.system("append to", path) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let end = lseek(descriptor, 0, SEEK_END)
        do {
            try file.write(contentsOf: text)
        } catch {
            ftruncate(descriptor, end)
            throw FileError("append to", path, reason: FileError.reason(of: error))
        }
    }
}
