import Foundation
import Pairs
import Tensors

/// What is said of lists after all their images have been decoded: figures, and findings with where they stand.
package struct DataReport {
    private let check: DataCheck
    private let findings: [DataFinding.Kind: [DataFinding]]
    private let sets: [SetFigures]

    package init(_ check: DataCheck) {
        self.check = check
        let sets = check.index.sets.indices
        let all =
            check.badImages + sets.flatMap(check.sizes) + check.leaks + sets.flatMap(check.repetitions)
            + check.duplicates + sets.flatMap(check.labels)
        findings = Dictionary(grouping: all, by: \.kind)
        self.sets = sets.map { SetFigures(check, $0) }
    }

    /// How many images there are, each counted once.
    package var images: Int { check.index.count }

    /// How many findings would stop a training.
    package var problems: Int { count { $0.stops } }
    /// How many are only probably not meant.
    package var warnings: Int { count { !$0.stops } }

    private func count(_ isMeant: (DataFinding.Kind) -> Bool) -> Int {
        findings.reduce(0) { isMeant($1.key) ? $0 + $1.value.count : $0 }
    }

    private var kinds: [DataFinding.Kind] { DataFinding.Kind.allCases.filter { findings[$0] != nil } }

    private func examples(_ kind: DataFinding.Kind, _ limit: Int) -> [String] {
        (findings[kind] ?? []).prefix(limit).map { $0.text(in: check.index) }
    }

    /// The figures of each phase, a table of what was found, and so many examples of each.
    package func text(examples limit: Int) -> String {
        var parts = [sets.map(\.description).joined(separator: "\n")]
        if !kinds.isEmpty {
            var table = TextTable(["found", "", "count"])
            table.alignRight(2)
            for kind in kinds {
                let weight = kind.stops ? "stops a training" : "warning"
                table.add([kind.title, weight, TextTable.grouped(findings[kind]?.count ?? 0)])
            }
            parts.append("\(table)")
        }
        for kind in kinds {
            let (count, shown) = (findings[kind]?.count ?? 0, examples(kind, limit))
            guard !shown.isEmpty else { continue }
            let more = count > shown.count ? ["and \(count - shown.count) more"] : []
            parts.append("\(kind.title):\n" + (shown + more).map { "  \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    /// Every finding, a line each: its kind, a tab, and its sentence.
    package func write(to path: String) throws {
        try AtomicFile.write(to: path) { append in
            for kind in kinds {
                for finding in findings[kind] ?? [] {
                    try append(Data("\(kind.rawValue)\t\(finding.text(in: check.index))\n".utf8))
                }
            }
        }
    }

    private struct JSONFigures: Encodable {
        let images: Int
        let problems: Int
        let warnings: Int
        let seconds: Double
        let imagesPerSecond: Double
        let ranks: Int
        let threads: Int
        let sets: [SetFigures]
        let findings: [String: Int]
        let examples: [String: [String]]
    }

    /// All of it, with so many examples of each kind, as one JSON object.
    package func writeJSON(to path: String, examples limit: Int, seconds: Double, ranks: Int, threads: Int) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        func byName<Value>(_ value: (DataFinding.Kind) -> Value) -> [String: Value] {
            Dictionary(uniqueKeysWithValues: DataFinding.Kind.allCases.map { ($0.rawValue, value($0)) })
        }
        let object = try encoder.encode(
            JSONFigures(
                images: images, problems: problems, warnings: warnings, seconds: seconds,
                imagesPerSecond: Double(images) / seconds, ranks: ranks, threads: threads, sets: sets,
                findings: byName { findings[$0]?.count ?? 0 }, examples: byName { examples($0, limit) }))
        try AtomicFile.write(to: path) { append in try append(object + Data("\n".utf8)) }
    }
}

/// What the lists of a phase hold.
private struct SetFigures: Encodable, CustomStringConvertible {
    let name: String
    let lists: [String]
    let pairs: Int
    /// How many pairs each label has.
    let labels: [String: Int]
    /// Width and height: the usual one, and the least and the greatest of each.
    let usualSize: [Int]
    let usualShare: Double
    let smallest: [Int]
    let largest: [Int]
    /// The means of blue, green and red over the images, as often as they are named: what `mean_value` takes.
    let mean: [Double]

    init(_ check: DataCheck, _ set: Int) {
        let list = check.index.sets[set].list
        name = check.index.sets[set].name
        lists = list.sources.map(\.file)
        pairs = list.count
        labels = Dictionary(list.labels.map { (DataCheck.text($0), 1) }, uniquingKeysWith: +)
        let sizes = check.sizeCounts(of: set)
        let total = sizes.values.reduce(0, +)
        let usual = sizes.max { ($0.value, $1.key.width, $1.key.height) < ($1.value, $0.key.width, $0.key.height) }
        usualSize = usual.map { [$0.key.width, $0.key.height] } ?? []
        usualShare = Double(usual?.value ?? 0) / Double(max(total, 1))
        let (widths, heights) = (sizes.keys.map(\.width), sizes.keys.map(\.height))
        smallest = [widths.min(), heights.min()].compactMap(\.self)
        largest = [widths.max(), heights.max()].compactMap(\.self)
        var sums = [0.0, 0, 0]
        for numbers in check.index.numbers[set] {
            for image in numbers.lazy.map({ check.facts[Int($0)] }) where image.state == .good {
                for (channel, value) in [image.blue, image.green, image.red].enumerated() {
                    sums[channel] += Double(value)
                }
            }
        }
        mean = total == 0 ? [] : sums.map { $0 / Double(total) }
    }

    var description: String {
        let counts = labels.sorted { $0.key < $1.key }.map { "label \($0.key): \($0.value)" }.joined(separator: ", ")
        var text = "\(name): \(lists.joined(separator: " and ")): \(pairs) pairs (\(counts))"
        guard !mean.isEmpty else { return text }
        func size(_ sides: [Int]) -> String { sides.map(String.init).joined(separator: "×") }
        text += String(format: "; %.0f %% of the images are ", 100 * usualShare) + size(usualSize)
        if smallest != largest { text += ", sides from \(size(smallest)) to \(size(largest))" }
        return text + String(format: "; mean B, G, R %.2f, %.2f, %.2f", mean[0], mean[1], mean[2])
    }
}
