import Foundation
import InteropProto
import SwiftProtobuf
import Tensors

/// A file for TensorBoard, in which a training appends what the metrics file has a line for, and histograms.
///
/// Each run, also one that goes on from a snapshot, has a file of its own in the folder, named as TensorBoard looks for them.
/// A record is: its length (8 bytes, little-endian), the length's masked CRC-32C, an Event, and the Event's.
/// Source: tensorflow/core/lib/io/record_writer.cc, tensorflow/core/util/event.proto.
final class EventFile {
    private let path: String
    private let log: TrainingLog
    /// Whether the file has its first record.
    private var isBegun = false
    /// The iteration of the snapshot that the training goes on from; nil if it began itself.
    private var start: Int?
    /// Whether the last records could not be written.
    private var isFailing = false

    /// What the names of event files begin with.
    static let mark = "events.out.tfevents"

    /// - Parameter host: of rank zero.
    init(folder: String, host: String, log: TrainingLog) {
        let process = ProcessInfo.processInfo.processIdentifier
        path = "\(folder)/\(Self.mark).\(Int(Date.now.timeIntervalSince1970)).\(host).\(process)"
        self.log = log
    }

    /// The training goes on from a snapshot of this iteration, before it appends anything: TensorBoard then drops what files of
    /// a run that had gone further, before it crashed, have from there on.
    func goesOn(from iteration: Int) { start = iteration }

    /// Appends the numbers of a line of the metrics file, and the histograms that came with them; on a full disk nothing, which
    /// is said once until it works again, and ends no training.
    func append(_ line: MetricsFile.Line, _ histograms: [String: ValueHistogram] = [:]) throws {
        var summary = TensorBoardSummary()
        summary.value =
            Self.scalars(of: line).map { name, number in
                var value = TensorBoardSummary.Value()
                (value.tag, value.simpleValue) = (name, Float(number))
                return value
            }
            + histograms.sorted { $0.key < $1.key }.map { name, histogram in
                var value = TensorBoardSummary.Value()
                (value.tag, value.histo) = ("\(line.phase)/\(name)", histogram.message)
                return value
            }
        var event = TensorBoardEvent()
        event.step = Int64(line.iteration)
        event.summary = summary
        do {
            try write(isBegun ? [event] : first + [event])
            isBegun = true
            isFailing = false
        } catch {
            if !isFailing { log.warn("\(error); training goes on, without numbers in it until there is room again") }
            isFailing = true
        }
    }

    /// What the file begins with.
    private var first: [TensorBoardEvent] {
        var version = TensorBoardEvent()
        version.fileVersion = "brain.Event:2"
        guard let start else { return [version] }
        var session = TensorBoardEvent()
        session.step = Int64(start)
        session.sessionLog.status = .start
        return [version, session]
    }

    /// "train/loss", "test 0/accuracy", and "test 0/accuracy[2]" where a blob has several values.
    private static func scalars(of line: MetricsFile.Line) -> [(String, Double)] {
        var scalars: [(String, Double?)] = [
            ("total_loss", line.loss), ("smoothed_loss", line.smoothedLoss),
            ("learning_rate", line.learningRate.map { Double($0) }), ("pairs_per_second", line.pairsPerSecond),
            ("gflops", line.gflops), ("data_wait", line.dataWait), ("exchange", line.exchange),
        ]
        for (name, values) in (line.outputs ?? [:]).sorted(by: { $0.key < $1.key }) {
            for (index, value) in values.enumerated() {
                scalars.append((values.count == 1 ? name : "\(name)[\(index)]", value))
            }
        }
        return scalars.compactMap { name, value in value.map { ("\(line.phase)/\(name)", $0) } }
    }

    private func write(_ events: [TensorBoardEvent]) throws {
        var records = Data()
        for var event in events {
            event.wallTime = Date.now.timeIntervalSince1970
            let content: Data = try event.serializedBytes()
            let length = Self.bytes(UInt64(content.count))
            records += length + Self.bytes(CRC32C.masked(length)) + content + Self.bytes(CRC32C.masked(content))
        }
        try append(records)
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> Data {
        Data(stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) })
    }

    private func append(_ records: Data) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.system("append to", path) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let end = lseek(descriptor, 0, SEEK_END)
        do {
            try file.write(contentsOf: records)
        } catch {
            ftruncate(descriptor, end)
            throw FileError("append to", path, reason: FileError.reason(of: error))
        }
    }
}
