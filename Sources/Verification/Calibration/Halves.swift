import Tensors

/// A list cut in two, so that a model fitted on each half can be judged on the other.
///
/// With identities, a pair is in the half of its first one: matching pairs of the two halves share nobody, though the second
/// identity of a non-matching pair may be in the other half too. An image that claims an identity is in its own identity's half.
/// Without identities, pairs are dealt out at random.
struct Halves {
    /// Of each pair, whether it is in the second half.
    private let isSecond: [Bool]

    init(_ data: CalibrationData, seed: UInt64) {
        if let identities = data.identities {
            let half = Self.deal(identities.count, seed: seed)
            isSecond = identities.first.map { half[$0] }
        } else {
            isSecond = Self.deal(data.table.rows.count, seed: seed)
        }
    }

    init(_ claims: IdentityClaims, seed: UInt64) {
        let groups = IdentityGroups(claims.seen.identities)
        let half = Self.deal(groups.names.count, seed: seed)
        var ofImage = [Bool](repeating: false, count: claims.seen.count)
        for (number, rows) in groups.rows.enumerated() {
            for row in rows { ofImage[row] = half[number] }
        }
        isSecond = claims.claims.map { ofImage[$0.image] }
    }

    /// Half of so many, at random.
    private static func deal(_ count: Int, seed: UInt64) -> [Bool] {
        Random(seed: seed, purpose: "halves for calibration").permutation(count).map { $0 >= (count + 1) / 2 }
    }

    /// How good probabilities are: those of the model of all, and of each half those of the model of the other.
    func quality(
        _ isMatch: [Bool], _ ofAll: ([Int]) -> [Double],
        fit: ([Int]) throws(CalibrationError) -> ([Int]) -> [Double]
    ) -> CalibrationFile.Quality {
        let all = Array(isMatch.indices)
        let fitted = CalibrationQuality(ofAll(all), isMatch: isMatch)
        let (first, second) = (all.filter { !isSecond[$0] }, all.filter { isSecond[$0] })
        guard !first.isEmpty, !second.isEmpty else { return .init(fitted: fitted, crossValidated: nil) }
        do {
            let probabilities = try fit(second)(first) + fit(first)(second)
            let crossed = CalibrationQuality(probabilities, isMatch: (first + second).map { isMatch[$0] })
            return .init(fitted: fitted, crossValidated: crossed)
        } catch {
            return .init(fitted: fitted, crossValidated: nil)
        }
    }
}
