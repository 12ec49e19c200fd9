import Foundation
import Tensors
import Testing
import Verification

struct GaussianTests {
    typealias Reference = ReferenceCalibration.Rows

    @Test(arguments: ReferenceCalibration.all.rows)
    func covarianceAgreesWithScikitLearn(reference: Reference) throws {
        let found = try ShrunkCovariance(of: reference.embeddings, what: "rows")
        let matrix = try #require(found.matrix)
        for (a, b) in zip(found.mean, reference.mean) { #expect(abs(a - b) < 1e-9) }
        for (a, b) in zip(matrix, reference.covariance) { #expect(abs(a - b) < 1e-9) }
        #expect(abs(found.shrinkage - reference.shrinkage) < 1e-9)
    }

    /// The factor is kept in single precision.
    @Test(arguments: ReferenceCalibration.all.rows)
    func densitiesAgreeWithNumpy(reference: Reference) throws {
        let density = try Gaussian(ShrunkCovariance(of: reference.embeddings, what: "rows"), what: "rows")
        for (a, b) in zip(density.logDensities(reference.embeddings), reference.logDensities) {
            #expect(abs(a - b) < 1e-5 * max(1, abs(b)))
        }
        #expect(density.isUsable)
    }

    /// The diagonal rule is the full one where there is one number, and has the known density of independent numbers.
    @Test
    func aDiagonalCovariance() throws {
        let one = EmbeddingRows([1, 2, 4, 9], length: 1)
        let full = try ShrunkCovariance(of: one, what: "rows", isDiagonal: false)
        let diagonal = try ShrunkCovariance(of: one, what: "rows", isDiagonal: true)
        #expect(full.diagonal == diagonal.diagonal && full.matrix == full.diagonal)
        var noise = TestNoise("diagonal")
        let rows = EmbeddingRows((0..<6000).map { Float(noise.normal()) * ($0 % 3 == 0 ? 5 : 1) }, length: 3)
        let found = try ShrunkCovariance(of: rows, what: "rows", isDiagonal: true)
        #expect(found.matrix == nil && abs(found.diagonal[0] - 25) < 2 && abs(found.diagonal[1] - 1) < 0.1)
        let density = try Gaussian(found, what: "rows").logDensities(EmbeddingRows([5, 0, 0], length: 3))[0]
        let expected = -0.5 - log(5) - 1.5 * log(2 * Double.pi)
        #expect(abs(density - expected) < 0.2)
    }

    /// Matches of two unlike towers differ by a constant, which the mean takes up; P is then that of the known densities.
    @Test
    func findsTheDensitiesOfDifferences() throws {
        var noise = TestNoise("differences")
        var (rows, isMatch) = (EmbeddingRows(length: 2), [Bool]())
        for index in 0..<8000 {
            let match = index % 4 == 0
            let (x, y) = (noise.normal(), noise.normal())
            rows.append(match ? [Float(3 + 0.5 * x), Float(0.5 * y)] : [Float(2 * x), Float(2 * y)])
            isMatch.append(match)
        }
        let model = try GaussianDifferences(differences: rows, isMatch: isMatch)
        #expect(model.prior == 0.25)
        let queries: [[Double]] = [[3, 0], [2, 0], [0, 0], [3, 1]]
        for query in queries {
            let square = { (mean: Double) in pow(query[0] - mean, 2) + pow(query[1], 2) }
            let ratio = log(16) - square(3) / 0.5 + square(0) / 8 + log(1.0 / 3)
            let found = model.probabilities(EmbeddingRows(query.map { Float($0) }, length: 2))[0]
            #expect(abs(found - Probability.ofLogOdds(ratio)) < 0.02, "\(query)")
        }
        var rare = model
        rare.prior = 0.01
        #expect(rare.probabilities(rows.rows([0]))[0] < model.probabilities(rows.rows([0]))[0])
    }

    @Test
    func whatHasNoDensityIsRefused() {
        let equal = EmbeddingRows([Float](repeating: 2, count: 8), length: 2)
        #expect(throws: CalibrationError.noSpread(what: "rows")) { try ShrunkCovariance(of: equal, what: "rows") }
        #expect(throws: CalibrationError.tooFew(what: "rows", found: 1, needed: 2)) {
            try ShrunkCovariance(of: equal.rows([0]), what: "rows")
        }
        let broken = EmbeddingRows([1, .nan, 2, 3], length: 2)
        #expect(throws: CalibrationError.notFinite(what: "rows")) { try ShrunkCovariance(of: broken, what: "rows") }
    }
}
