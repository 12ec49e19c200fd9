import Comm
import Foundation
import Pairs
import Tensors

/// What all ranks find wrong with the images of a run that passes over bad ones: told, counted, and listed in a file.
///
/// Rank zero has the list: PREFIX.bad-images.txt, a line an image, in the order of the lists, with place, path and reason. A
/// run that is resumed keeps the lines of the runs before.
final class BadImageReport {
    /// A pair of one of the sources, as ranks tell of it.
    private struct Finding: Codable {
        let source: Int
        let pair: BadPairs.Pair
    }

    /// More bad pairs than the user thinks bearable.
    private struct TooMany: Error, CustomStringConvertible {
        let description: String
    }

    /// The file is written again at most so often, but for displays and the end, in seconds.
    private static let pause = 10.0

    private let inputs: [PhaseInput]
    private let limit: Int
    private let path: String?
    private let team: Team
    private let log: TrainingLog
    /// On rank zero: the images of each bad pair, by source and number, and the lines of earlier runs.
    private var found: [[Int: [String]]]
    private var earlier: [String] = []
    private var (said, written) = (0, 0)
    private var lastWrite = Date.distantPast

    /// Nil where a bad image ends all anyway.
    ///
    /// - Parameters:
    ///   - prefix: what the file's name begins with; nil writes none and tells of each image instead.
    ///   - resumes: whether the lines of an older file stay.
    init?(
        _ policy: BadImagePolicy, of inputs: [PhaseInput], prefix: String?, resumes: Bool = false, team: Team,
        log: TrainingLog
    ) {
        guard case .skip(let limit) = policy else { return nil }
        self.inputs = inputs
        self.limit = limit
        self.team = team
        self.log = log
        path = prefix.map { $0 + ".bad-images.txt" }
        found = inputs.map { _ in [:] }
        guard team.world.isRankZero, let path else { return }
        if resumes, let text = try? String(contentsOfFile: path, encoding: .utf8) {
            earlier = text.split(separator: "\n").map(String.init)
        } else {
            unsafe unlink(path)
        }
    }

    /// How many pairs are known to be bad, on rank zero.
    var count: Int { found.reduce(0) { $0 + $1.count } }

    /// Takes in what ranks have found since the last call, which costs an all-reduce of one number where that is nothing.
    ///
    /// Collective. Throws on all ranks when there are more bad pairs than allowed.
    func collect() throws {
        var news = [inputs.contains { $0.bad?.hasNews == true } ? 1 : 0]
        try team.world.allReduceMaximum(&news)
        guard news[0] > 0 else { return }
        let mine = inputs.enumerated().flatMap { number, input in
            (input.bad?.takeNews() ?? []).map { Finding(source: source(ofInput: number), pair: $0) }
        }
        let all = try team.world.gather([UInt8](JSONEncoder().encode(mine)))
        try team.world.together {
            for findings in all { merge(try JSONDecoder().decode([Finding].self, from: Data(findings))) }
            guard count <= limit else {
                write()
                throw tooMany
            }
            if Date.now.timeIntervalSince(lastWrite) > Self.pause { write() }
        }
    }

    /// Says how many there are, if there are more than last time or training is over, and brings the file up to date.
    ///
    /// Collective.
    func show(atEnd: Bool = false) throws {
        try collect()
        var replaced = [Double(inputs.reduce(0) { $0 + $1.replaced })]
        try team.own.allReduceSum(&replaced)
        guard team.world.isRankZero, count > said || atEnd && count > 0 else { return }
        said = count
        write()
        let listed = path.map { "; \($0) lists their images" } ?? ""
        log.warn(
            "\(count) pair\(count == 1 ? "" : "s") can't be read; others took their place \(Int(replaced[0])) times "
                + "(--bad-image skip)\(listed)")
    }

    /// Inputs of the same lists share a number: a test may have two.
    private func source(ofInput number: Int) -> Int {
        inputs.firstIndex { $0.source.files == inputs[number].source.files } ?? number
    }

    private func merge(_ findings: [Finding]) {
        for finding in findings where found[finding.source][finding.pair.index] == nil {
            found[finding.source][finding.pair.index] = finding.pair.images
            if path == nil {
                for image in finding.pair.images { log.warn("left out: \(image)") }
            } else if count == 1 {
                log.warn(
                    "\(finding.pair.images.joined(separator: "\n"))\nanother pair takes its place (--bad-image skip)")
            }
        }
    }

    private var lines: [String] {
        let new = found.flatMap { pairs in pairs.sorted { $0.key < $1.key }.flatMap(\.value) }
        let known = Set(new)
        return earlier.filter { !known.contains($0) } + new
    }

    /// A list that can't be written is no reason to end a training.
    private func write() {
        guard let path, count > written else { return }
        do {
            let text = lines.map { $0 + "\n" }.joined()
            try AtomicFile.write(to: path) { append in try append(Data(text.utf8)) }
            (written, lastWrite) = (count, .now)
        } catch {
            log.warn("\(error)")
        }
    }

    private var tooMany: TooMany {
        let last = found.flatMap { $0.values.flatMap(\.self) }.max() ?? ""
        let listed = path.map { "\($0) lists their images" } ?? "one of them: \(last)"
        return TooMany(
            description:
                "\(count) pairs have images that can't be read, and --max-bad allows \(limit): \(listed); mend "
                + "them, or raise --max-bad")
    }
}

extension TrainingPlan {
    /// The report of this training, where it skips bad images.
    func badImages(of inputs: [PhaseInput], team: Team, log: TrainingLog) -> BadImageReport? {
        var resumes = false
        if case .snapshot = start { resumes = true }
        return BadImageReport(
            options.decoding.badImages, of: inputs, prefix: snapshotPrefix, resumes: resumes, team: team, log: log)
    }
}
