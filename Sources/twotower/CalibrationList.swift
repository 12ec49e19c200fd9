import Comm
import Nets
import Pairs
import Training
import Verification

/// The pairs of a validation list as `calibrate` needs them; on other ranks than zero without pairs.
struct CalibrationList {
    let score: PairPass.Score
    private var table = DistanceTable()
    /// Embedding a − embedding b of each pair; nil for a head that compares none.
    private var differences: EmbeddingRows?
    private let identities: PairIdentities?
    private var images = SeenImages()
    private let tower: TowerSplit.Half

    /// What can't be calibrated on.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// Compares all pairs, with a progress bar; collective.
    ///
    /// - Parameters:
    ///   - identities: a file with whose images they are of.
    ///   - tower: whose images claim identities.
    init(_ pass: PairPass, identities: String?, tower: TowerSplit.Half, communicator: any Communicator) throws {
        let known = try communicator.together {
            try identities.map { try PairIdentities(file: $0, pairs: pass.count) }
        }
        self.identities = known
        self.tower = tower
        score = pass.score
        let length = pass.embeddingLength
        if length > 0 {
            differences = EmbeddingRows(length: length)
            images = SeenImages(length: length)
        }
        var bar = ProgressBar("pairs", isShown: communicator.isRankZero ? nil : false)
        try pass.run { batch in
            guard communicator.isRankZero else { return }
            guard batch.labels.count == batch.scores.count else {
                throw Unusable(description: "the net reads no labels, so nothing says which pairs match")
            }
            for (score, label) in zip(batch.scores, batch.labels) {
                table.append(
                    .init(
                        distance: pass.score == .distance ? score : 1 - score, isMatch: label.rounded(.towardZero) != 0)
                )
            }
            if length > 0 {
                let (a, b) = (EmbeddingRows(batch.a, length: length), EmbeddingRows(batch.b, length: length))
                differences?.append(contentsOf: a.minus(b))
                if let known { images.add(tower == .a ? a : b, from: batch.first, of: pass.source, tower, known) }
            }
            bar.show(batch.first + batch.scores.count, of: pass.count)
        }
        Console.showProgress("")
    }

    /// What the models are fitted on; on rank zero.
    func data(enrolled: EnrolmentList?) throws -> CalibrationData {
        if let index = table.rows.firstIndex(where: { !$0.distance.isFinite }) {
            throw Unusable(
                description:
                    "the distance of pair \(index + 1) is \(table.rows[index].distance); the net's training has "
                    + "diverged, or its weights are damaged")
        }
        return CalibrationData(
            table, differences: differences, identities: identities,
            claims: try enrolled.map { try claims($0) })
    }

    private func claims(_ enrolled: EnrolmentList) throws -> IdentityClaims {
        guard let identities, let length = differences?.length else {
            throw Unusable(
                description: "--enrol needs a net that compares embeddings; this one's head gives a probability")
        }
        guard enrolled.rows.length == length else {
            throw Unusable(
                description: "the list's embeddings have \(length) numbers, those of \(enrolled.name) "
                    + "\(enrolled.rows.length)")
        }
        let claimed = Set(enrolled.identities)
        let kept = images.paths.indices.filter { !enrolled.paths.contains(images.paths[$0]) }
        let rowOfImage = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        let others = tower == .a ? identities.second : identities.first
        let claims = images.ofPair.enumerated().compactMap { pair, image -> IdentityClaims.Claim? in
            let identity = identities.names[others[pair]]
            guard let row = rowOfImage[image], claimed.contains(identity) else { return nil }
            return .init(image: row, identity: identity)
        }
        guard !claims.isEmpty else {
            throw Unusable(
                description: "no pair's image claims an identity that \(enrolled.name) enrols, by an image that is not "
                    + "enrolled itself: its numbers must be those of the file of --identities")
        }
        return IdentityClaims(
            enrolled: enrolled.rows, enrolledIdentities: enrolled.identities, seen: images.rows.rows(kept),
            seenIdentities: kept.map { images.identities[$0] }, claims: claims)
    }
}

/// Each image of one tower once, by its path.
private struct SeenImages {
    private(set) var rows: EmbeddingRows
    private(set) var paths: [String] = []
    private(set) var identities: [String] = []
    /// Which image each pair has.
    private(set) var ofPair: [Int] = []
    private var numbers: [String: Int] = [:]

    init(length: Int = 1) { rows = EmbeddingRows(length: length) }

    mutating func add(
        _ batch: EmbeddingRows, from first: Int, of source: any PairSource, _ tower: TowerSplit.Half,
        _ known: PairIdentities
    ) {
        for row in 0..<batch.count {
            let path = source.imageName(first + row, column: tower.rawValue)
            if let image = numbers[path] {
                ofPair.append(image)
                continue
            }
            numbers[path] = paths.count
            ofPair.append(paths.count)
            paths.append(path)
            rows.append(batch[row])
            let own = tower == .a ? known.first : known.second
            identities.append(known.names[own[first + row]])
        }
    }
}

/// Enrolment images with their embeddings; on other ranks than zero without rows.
struct EnrolmentList {
    let name: String
    private(set) var rows: EmbeddingRows
    private(set) var identities: [String] = []
    private(set) var paths: Set<String> = []

    /// Embeds all images; collective.
    init(_ pass: ListPass, name: String, communicator: any Communicator) throws {
        self.name = name
        rows = EmbeddingRows(length: pass.lengths[0])
        var bar = ProgressBar("enrolment images", isShown: communicator.isRankZero ? nil : false)
        try pass.run { batch in
            guard communicator.isRankZero else { return }
            rows.append(contentsOf: EmbeddingRows(batch.rows[0], length: rows.length))
            for index in batch.first..<batch.first + batch.count {
                identities.append(try Self.identity(pass.source.labels?[index], line: index + 1, of: name))
                paths.insert(pass.source.imageName(index, column: 0))
            }
            bar.show(batch.first + batch.count, of: pass.count)
        }
        Console.showProgress("")
    }

    /// A label as the number of an identity: whole, and small enough to be told from its neighbours as a float.
    private static func identity(_ label: Float?, line: Int, of list: String) throws -> String {
        guard let label, let number = Int(exactly: label), abs(number) < 1 << 24 else {
            let found = label.map { "\($0)" } ?? "nothing"
            throw CalibrationList.Unusable(
                description:
                    "\(list):\(line): expected the number of an identity, a whole one below 16777216, found \(found)")
        }
        return String(number)
    }
}

extension PairSource {
    /// What tells an image of the list from others: its path, or in a database its place.
    fileprivate func imageName(_ index: Int, column: Int) -> String {
        if let images = self as? ImagePairs { return images.list.path(column: column, index: index) }
        return names(of: index)[column]
    }
}
