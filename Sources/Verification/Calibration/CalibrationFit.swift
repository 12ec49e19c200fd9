import Tensors

/// The ways to a probability.
package enum CalibrationModel: String, Codable, CaseIterable, Sendable {
    /// On the distance.
    case logistic, isotonic
    /// On the difference of the embeddings.
    case gaussians
    /// Of an image and the identity that it claims.
    case identities
}

/// What a calibration is fitted on: a list of pairs, and what is known of it.
package struct CalibrationData: Sendable {
    package var table: DistanceTable
    /// Embedding a − embedding b of each pair, if the head compares embeddings.
    package var differences: EmbeddingRows?
    /// Whose pictures the pairs show, if known: halves of the list then share no matching pair's identity.
    package var identities: PairIdentities?
    package var claims: IdentityClaims?

    package init(
        _ table: DistanceTable, differences: EmbeddingRows? = nil, identities: PairIdentities? = nil,
        claims: IdentityClaims? = nil
    ) {
        self.table = table
        self.differences = differences
        self.identities = identities
        self.claims = claims
    }
}

/// All models fitted on one list, the thresholds, and how good the probabilities are.
package struct CalibrationFit: Sendable {
    package let list: CalibrationFile.List
    package let embeddingLength: Int?
    package let thresholds: [String: Float]
    package let logistic: LogisticCalibration
    package let isotonic: IsotonicCalibration
    package private(set) var gaussians: GaussianDifferences?
    package private(set) var identities: IdentityDensities?
    package private(set) var claims: ClaimFigures?
    package private(set) var quality: [CalibrationModel: CalibrationFile.Quality] = [:]
    package private(set) var missing: [CalibrationModel: String] = [:]

    /// Fits what the data has; a model that can't be fitted is missing, with the reason, but for those on distances.
    ///
    /// - Parameter seed: of the list's halves.
    package init(_ data: CalibrationData, seed: UInt64 = 1) throws(CalibrationError) {
        let table = data.table
        guard let curve = ROCCurve(table) else {
            throw .unusableList(matching: table.matches, nonMatching: table.nonMatches)
        }
        list = .init(pairs: table.rows.count, matching: table.matches, identities: data.identities?.count)
        embeddingLength = data.differences?.length ?? data.claims?.enrolled.rows.length
        thresholds = CalibrationThresholds.all(curve)
        logistic = try LogisticCalibration(table)
        isotonic = try IsotonicCalibration(table)

        let halves = Halves(data, seed: seed)
        let isMatch = table.rows.map(\.isMatch)
        func onDistances(_ probability: @escaping (Float) -> Double) -> ([Int]) -> [Double] {
            { pairs in pairs.map { probability(table.rows[$0].distance) } }
        }
        quality[.logistic] = halves.quality(isMatch, onDistances(logistic.probability)) {
            pairs throws(CalibrationError) in
            onDistances(try LogisticCalibration(table.rows(pairs)).probability)
        }
        quality[.isotonic] = halves.quality(isMatch, onDistances(isotonic.probability)) {
            pairs throws(CalibrationError) in
            onDistances(try IsotonicCalibration(table.rows(pairs)).probability)
        }
        if let differences = data.differences { fitGaussians(differences, isMatch, halves) }
        if let claims = data.claims { fitIdentities(claims, seed: seed) }
    }

    private mutating func fitGaussians(_ differences: EmbeddingRows, _ isMatch: [Bool], _ halves: Halves) {
        func fit(_ pairs: [Int]) throws(CalibrationError) -> GaussianDifferences {
            try GaussianDifferences(differences: differences.rows(pairs), isMatch: pairs.map { isMatch[$0] })
        }
        do {
            let model = try fit(Array(isMatch.indices))
            quality[.gaussians] = halves.quality(isMatch, { model.probabilities(differences.rows($0)) }) {
                pairs throws(CalibrationError) in
                let half = try fit(pairs)
                return { half.probabilities(differences.rows($0)) }
            }
            gaussians = model
        } catch {
            missing[.gaussians] = error.description
        }
    }

    private mutating func fitIdentities(_ claims: IdentityClaims, seed: UInt64) {
        let isMatch = claims.claims.map(claims.isMatch)
        func logRatios(_ model: IdentityDensities) -> ([Int]) -> [Double] {
            let scorer = IdentityScorer(model)
            let white = scorer.whitened(claims.seen.rows)
            return { picked in
                picked.map { index in
                    let claim = claims.claims[index]
                    guard let number = scorer.number(of: claim.identity) else {
                        preconditionFailure("a claim to be \(claim.identity), who is not enrolled")
                    }
                    return scorer.logRatio(white, row: claim.image, identity: number)
                }
            }
        }
        func probabilities(_ ratios: @escaping ([Int]) -> [Double]) -> ([Int]) -> [Double] {
            { ratios($0).map(Probability.ofLogOdds) }
        }
        do {
            let model = try IdentityDensities(
                enrolled: claims.enrolled, impostors: claims.background ?? claims.seen, background: claims.background)
            identities = model
            guard isMatch.contains(true), isMatch.contains(false) else { return }
            let ratios = logRatios(model)
            self.claims = ClaimFigures(logRatios: ratios(Array(isMatch.indices)), isMatch: isMatch)
            let halves = Halves(claims, seed: seed)
            quality[.identities] = halves.quality(isMatch, probabilities(ratios)) { picked throws(CalibrationError) in
                // Nothing of the list is in the densities but its impostors; the images that claim are one half's.
                if claims.background != nil { return probabilities(ratios) }
                var half = model
                try half.setImpostors(claims.seen.picked(Set(picked.map { claims.claims[$0].image }).sorted()))
                return probabilities(logRatios(half))
            }
        } catch {
            missing[.identities] = error.description
        }
    }
}
