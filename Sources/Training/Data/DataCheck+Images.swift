import Pairs

/// What the images themselves show, each looked at alone.
extension DataCheck {
    /// An image so many times longer one way than what it becomes is squeezed beyond recognition.
    private static let extremeShape = 3.0

    /// Images that can't be read or decoded.
    var badImages: [DataFinding] {
        faults.sorted { $0.key < $1.key }.map { number, text in
            DataFinding(kind(of: facts[number].state), index.places[number], text)
        }
    }

    private func kind(of state: ImageFacts.State) -> DataFinding.Kind {
        switch state {
        case .missing: .missing
        case .unreadable: .unreadable
        case .notImage: .notImage
        case .tooLarge: .tooLarge
        case .damaged, .good: .damaged
        }
    }

    /// Images of a size or shape that the net can't take, or that hardly any other has; each once a list.
    func sizes(of set: Int) -> [DataFinding] {
        let lists = index.sets[set]
        let usual = lists.columns == nil ? usualSize(of: set) : nil
        return index.numbers[set].enumerated().flatMap { column, numbers in
            let first = numbers.lazy.map { facts[Int($0)] }.first { $0.state == .good }?.size
            var seen: Set<UInt32> = []
            return numbers.enumerated().compactMap { line, number -> DataFinding? in
                let image = facts[Int(number)]
                guard image.state == .good, let first else { return nil }
                let place = ImagePlace(set, column, line)
                let problem =
                    if let net = lists.columns?[column] {
                        Self.problem(image.size, for: net, first: first, path: index.path(place))
                    } else {
                        Self.problem(image.size, usual: usual)
                    }
                guard let problem, seen.insert(number).inserted else { return nil }
                return DataFinding(problem.kind, place, problem.text)
            }
        }
    }

    /// The size that at least half of a phase's images have, counted as often as they are named.
    private func usualSize(of set: Int) -> ImageError.Size? {
        let counts = sizeCounts(of: set)
        let most = counts.max { $0.value < $1.value }
        return most.flatMap { 2 * $0.value >= counts.values.reduce(0, +) ? $0.key : nil }
    }

    /// How often images of each size are named.
    func sizeCounts(of set: Int) -> [ImageError.Size: Int] {
        var counts: [ImageError.Size: Int] = [:]
        for numbers in index.numbers[set] {
            for number in numbers where facts[Int(number)].state == .good {
                counts[facts[Int(number)].size, default: 0] += 1
            }
        }
        return counts
    }

    private typealias Problem = (kind: DataFinding.Kind, text: String)

    /// What a net can't make of an image, or hardly can.
    private static func problem(
        _ size: ImageError.Size, for column: ImageColumn, first: ImageError.Size, path: String
    ) -> Problem? {
        if let target = column.size { return squeezed(size, into: target) }
        if let error = column.sizeError(path, found: size, first: first) { return (.wrongSize, "\(error)") }
        return nil
    }

    /// What is unusual of an image where nothing is known of a net.
    private static func problem(_ size: ImageError.Size, usual: ImageError.Size?) -> Problem? {
        if let usual, size != usual { return (.oddSize, "it is \(size) where most are \(usual) (width×height)") }
        return usual == nil ? squeezed(size, into: .init(width: 1, height: 1)) : nil
    }

    private static func squeezed(_ size: ImageError.Size, into target: ImageError.Size) -> Problem? {
        let ratio = Double(size.width * target.height) / Double(size.height * target.width)
        guard ratio > extremeShape || ratio < 1 / extremeShape else { return nil }
        let times = TrainingLog.format((10 * max(ratio, 1 / ratio)).rounded() / 10)
        let way = ratio > 1 ? "wide" : "tall"
        return (.oddShape, "it is \(size) (width×height), \(times) times too \(way) for \(target)")
    }

    /// Images whose files have the same content as one that is named before.
    var duplicates: [DataFinding] {
        originals.indices.compactMap { number in
            let original = Int(originals[number])
            return original == number
                ? nil : DataFinding(.duplicate, index.places[number], other: index.places[original])
        }
    }
}
