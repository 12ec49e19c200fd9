import Comm
import Nets
import Pairs
import Training
import Verification

/// The pairs of a validation list as `calibrate` needs them; on other ranks than zero without pairs.
struct CalibrationList {
    let score: PairPass.Score
    private let pairs: JudgedPairs
    /// Embedding a − embedding b of each pair; nil for a head that compares none.
    private let differences: EmbeddingRows?
    private let images: SeenImages
    private let tower: TowerSplit.Half

    private var table: DistanceTable { pairs.table }

    /// Compares all pairs; collective.
    ///
    /// - Parameters:
    ///   - identities: a file with whose images they are of.
    ///   - tower: whose images claim identities.
    init(
        _ pass: PairPass, identities: String?, tower: TowerSplit.Half, _ bar: ProgressBar,
        _ communicator: any Communicator
    ) throws {
        self.tower = tower
        score = pass.score
        let length = pass.embeddingLength
        var differences = length > 0 ? EmbeddingRows(length: length) : nil
        var images = SeenImages(length: max(length, 1))
        pairs = try JudgedPairs(pass, identities: identities, bar, communicator) { batch in
            guard length > 0 else { return }
            let (a, b) = (EmbeddingRows(batch.a, length: length), EmbeddingRows(batch.b, length: length))
            differences?.append(contentsOf: a.minus(b))
            if identities != nil { images.add(tower == .a ? a : b, batch.indices, of: pass.source, tower) }
        }
        (self.differences, self.images) = (differences, images)
    }

    /// What the models are fitted on; on rank zero.
    ///
    /// - Parameter background: images of other people, if there are any.
    func data(enrolled: EnrolmentList?, background: EnrolmentList?) throws -> CalibrationData {
        if let index = table.rows.firstIndex(where: { !$0.distance.isFinite }) {
            throw JudgedPairs.Unusable(
                description:
                    "the distance of pair \(pairs.indices[index] + 1) is \(table.rows[index].distance); the net's training "
                    + "has diverged, or its weights are damaged")
        }
        return CalibrationData(
            table, differences: differences, identities: pairs.identities,
            claims: try enrolled.map { try claims($0, background) })
    }

    private func claims(_ enrolled: EnrolmentList, _ background: EnrolmentList?) throws -> IdentityClaims {
        guard let identities = pairs.identities, let length = differences?.length else {
            throw JudgedPairs.Unusable(
                description: "--enrol needs a net that compares embeddings; this one's head gives a probability")
        }
        guard enrolled.rows.length == length else {
            throw JudgedPairs.Unusable(
                description: "the list's embeddings have \(length) numbers, those of \(enrolled.name) "
                    + "\(enrolled.rows.length)")
        }
        let claimed = Set(enrolled.identities)
        let kept = images.paths.indices.filter { !enrolled.paths.contains(images.paths[$0]) }
        let rowOfImage = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        let (own, others) =
            tower == .a ? (identities.first, identities.second) : (identities.second, identities.first)
        var known: Set<IdentityClaims.Claim> = []
        let claims = images.ofPair.enumerated().compactMap { pair, image -> IdentityClaims.Claim? in
            let identity = identities.names[others[pair]]
            guard let row = rowOfImage[image], claimed.contains(identity) else { return nil }
            let claim = IdentityClaims.Claim(image: row, identity: identity)
            return known.insert(claim).inserted ? claim : nil
        }
        guard !claims.isEmpty else {
            throw JudgedPairs.Unusable(
                description: "no pair's image claims an identity that \(enrolled.name) enrols, by an image that is not "
                    + "enrolled itself: its numbers must be those of the file of --identities")
        }
        return IdentityClaims(
            enrolled: enrolled.images,
            seen: IdentityImages(
                images.rows.rows(kept), kept.map { identities.names[own[images.pairs[$0]]] }),
            claims: claims, background: background?.images)
    }
}

/// Each image of one tower once, by its path.
private struct SeenImages {
    private(set) var rows: EmbeddingRows
    private(set) var paths: [String] = []
    /// The first pair that shows it.
    private(set) var pairs: [Int] = []
    /// Which image each pair has.
    private(set) var ofPair: [Int] = []
    private var numbers: [String: Int] = [:]

    init(length: Int) { rows = EmbeddingRows(length: length) }

    /// - Parameter indices: the places in the lists of the pairs whose images' embeddings these are.
    mutating func add(_ batch: EmbeddingRows, _ indices: [Int], of source: any PairSource, _ tower: TowerSplit.Half) {
        for (row, index) in indices.enumerated() {
            let path = source.imageName(index, column: tower.rawValue)
            if let image = numbers[path] {
                ofPair.append(image)
                continue
            }
            numbers[path] = paths.count
            pairs.append(ofPair.count)
            ofPair.append(paths.count)
            paths.append(path)
            rows.append(batch[row])
        }
    }
}

/// Enrolment images with their embeddings; on other ranks than zero without rows.
struct EnrolmentList {
    let name: String
    private(set) var rows: EmbeddingRows
    private(set) var identities: [String] = []
    private(set) var paths: Set<String> = []

    var images: IdentityImages { IdentityImages(rows, identities) }

    /// Embeds all images; collective.
    init(_ pass: ListPass, name: String, _ bar: ProgressBar, _ communicator: any Communicator) throws {
        self.name = name
        rows = EmbeddingRows(length: pass.lengths[0])
        var bar = bar
        try pass.run { batch in
            guard communicator.isRankZero else { return }
            rows.append(contentsOf: EmbeddingRows(batch.rows[0], length: rows.length))
            for index in batch.indices {
                identities.append(try Self.identity(pass.source.labels?[index], line: index + 1, of: name))
                paths.insert(pass.source.imageName(index, column: 0))
            }
            bar.show(batch.seen, of: pass.count)
        }
        Console.showProgress("")
    }

    /// A label as the number of an identity: whole, and small enough to be told from its neighbours as a float.
    private static func identity(_ label: Float?, line: Int, of list: String) throws -> String {
        guard let label, let number = Int(exactly: label), abs(number) < 1 << 24 else {
            let found = label.map { "\($0)" } ?? "nothing"
            throw JudgedPairs.Unusable(
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
        // One column may hold the records of both towers.
        let names = names(of: index)
        return names[min(column, names.count - 1)] + (column < names.count ? "" : " (\(column))")
    }
}
