import Pairs

/// What pairs and labels show, by the content of their images and not by their names.
extension DataCheck {
    /// For each image the first one with the same content, itself if there is none before.
    static func originals(_ facts: [ImageFacts]) -> [UInt32] {
        var known: [UInt64: UInt32] = [:]
        return facts.indices.map { number in
            guard facts[number].state == .good else { return UInt32(number) }
            let original = known[facts[number].content, default: UInt32(number)]
            known[facts[number].content] = original
            return original
        }
    }

    /// Pairs of the same two images, in either order: again with their label, or with another one.
    func repetitions(in set: Int) -> [DataFinding] {
        guard index.numbers[set].count == 2 else { return [] }
        let labels = index.sets[set].list.labels
        var pairs: [(key: UInt64, line: UInt32)] = []
        var findings: [DataFinding] = []
        for line in labels.indices {
            let (a, b) = (original(set, 0, line), original(set, 1, line))
            if a == b {
                findings.append(DataFinding(.selfPair, ImagePlace(set, 0, line)))
            } else {
                pairs.append((UInt64(min(a, b)) << 32 | UInt64(max(a, b)), UInt32(line)))
            }
        }
        pairs.sort { ($0.key, $0.line) < ($1.key, $1.line) }
        var start = 0
        for at in pairs.indices.dropFirst() {
            guard pairs[at].key == pairs[start].key else {
                start = at
                continue
            }
            let line = Int(pairs[at].line)
            let place = ImagePlace(set, 0, line)
            let same = pairs[start..<at].first { labels[Int($0.line)] == labels[line] }
            let other = same == nil ? pairs[start] : nil
            if let same {
                findings.append(DataFinding(.repeatedPair, place, other: ImagePlace(set, 0, Int(same.line))))
            }
            if let other {
                findings.append(
                    DataFinding(
                        .conflict, place, other: ImagePlace(set, 0, Int(other.line)), "label \(Self.text(labels[line]))"
                    ))
            }
        }
        return findings.sorted { $0.place.line < $1.place.line }
    }

    /// Images of tests that are in the training as well, each once a test.
    var leaks: [DataFinding] {
        var training: [UInt32: ImagePlace] = [:]
        for (set, lists) in index.sets.enumerated() where lists.isTraining {
            forEachImage(of: set) { image, place in if training[image] == nil { training[image] = place } }
        }
        var findings: [DataFinding] = []
        for (set, lists) in index.sets.enumerated() where !lists.isTraining {
            var seen: Set<UInt32> = []
            forEachImage(of: set) { image, place in
                guard let other = training[image], seen.insert(image).inserted else { return }
                findings.append(DataFinding(.leak, place, other: other))
            }
        }
        return findings
    }

    /// Labels that a contrastive loss takes for something else, and lists that are one-sided.
    func labels(of set: Int) -> [DataFinding] {
        let lists = index.sets[set]
        var findings: [DataFinding] = []
        if lists.isContrastive == true {
            for (line, label) in lists.list.labels.enumerated() where label != 0 && label != 1 {
                let meaning = label.rounded(.towardZero) == 0 ? "not similar" : "similar"
                findings.append(
                    DataFinding(
                        .oddLabel, ImagePlace(set, 0, line),
                        "the label is \(Self.text(label)), which the contrastive loss takes for \"\(meaning)\"; "
                            + "1 is similar, 0 is not"))
            }
        }
        let lints = Lints.labels(
            lists.list.labels, isContrastive: lists.isContrastive == true,
            isShuffled: lists.isShuffled || !lists.isTraining)
        return findings + lints.map { DataFinding(.labels, ImagePlace(set, 0, 0), $0) }
    }

    static func text(_ label: Float) -> String { TrainingLog.format(Double(label)) }

    private func original(_ set: Int, _ column: Int, _ line: Int) -> UInt32 {
        originals[Int(index.numbers[set][column][line])]
    }

    /// Every image that can be read, by its content, where it is named.
    private func forEachImage(of set: Int, _ body: (UInt32, ImagePlace) -> Void) {
        for (column, numbers) in index.numbers[set].enumerated() {
            for (line, number) in numbers.enumerated() where facts[Int(number)].state == .good {
                body(originals[Int(number)], ImagePlace(set, column, line))
            }
        }
    }
}
