import Foundation
import Testing
import Verification

/// Logistic and isotonic regression, and how good probabilities are, against scikit-learn.
struct DistanceCalibrationTests {
    typealias Reference = ReferenceCalibration.Distances

    @Test
    func theReferencesAreThere() {
        #expect(ReferenceCalibration.all.distances.count == 3)
        #expect(ReferenceCalibration.all.rows.count == 3)
    }

    @Test(arguments: ReferenceCalibration.all.distances)
    func logisticAgreesWithScikitLearn(reference: Reference) throws {
        let model = try LogisticCalibration(reference.table)
        #expect(!model.smoothed)
        #expect(abs(model.slope - reference.slope) < 1e-6 * max(1, abs(reference.slope)))
        #expect(abs(model.intercept - reference.intercept) < 1e-6 * max(1, abs(reference.intercept)))
        for (query, expected) in zip(reference.queries, reference.logistic) {
            #expect(abs(model.probability(distance: Float(query) / 64) - expected) < 1e-6)
        }
    }

    @Test(arguments: ReferenceCalibration.all.distances)
    func isotonicAgreesWithScikitLearn(reference: Reference) throws {
        let model = try IsotonicCalibration(reference.table)
        for (query, expected) in zip(reference.queries, reference.isotonic) {
            #expect(abs(model.probability(distance: Float(query) / 64) - expected) < 1e-6, "\(query)")
        }
        #expect(zip(model.probabilities, model.probabilities.dropFirst()).allSatisfy { $0 >= $1 })
        let all = reference.table.rows
        let quality = CalibrationQuality(
            all.map { model.probability(distance: $0.distance) }, isMatch: all.map(\.isMatch))
        #expect(abs(quality.brier - reference.isotonicBrier) < 1e-6)
    }

    @Test(arguments: ReferenceCalibration.all.distances)
    func qualityAgreesWithScikitLearn(reference: Reference) throws {
        let model = try LogisticCalibration(reference.table)
        let all = reference.table.rows
        let quality = CalibrationQuality(
            all.map { model.probability(distance: $0.distance) }, isMatch: all.map(\.isMatch))
        #expect(abs(quality.brier - reference.brier) < 1e-6)
        #expect(abs(quality.expectedError - reference.expectedError) < 1e-6)
        #expect(quality.reliability.count == 15 && quality.reliability.reduce(0) { $0 + $1.pairs } == all.count)
    }

    /// Two bins by hand: 0.1 of two pairs of which one matches, 1 of one that matches; and an edge belongs to the lower bin.
    @Test
    func qualityByHand() {
        let quality = CalibrationQuality([0.1, 0.1, 1], isMatch: [true, false, true])
        #expect(abs(quality.expectedError - 2.0 / 3 * 0.4) < 1e-12)
        #expect(abs(quality.brier - (0.81 + 0.01) / 3) < 1e-12)
        for edge in 1..<15 {
            let one = CalibrationQuality([Double(edge) / 15], isMatch: [true])
            #expect(one.reliability[edge - 1].pairs == 1, "\(edge)")
        }
        #expect(CalibrationQuality([0], isMatch: [false]).reliability[0].pairs == 1)
    }

    /// Labels drawn from a known line give it back.
    @Test
    func findsTheLineThatMadeTheLabels() throws {
        var noise = TestNoise("known line")
        let rows = (0..<20_000).map { _ in
            let distance = abs(noise.normal()) * 30
            // A logistic variable by its quantile function.
            let u = 0.5 * (1 + erf(noise.normal() / 2.0.squareRoot()))
            return DistanceTable.Row(
                distance: Float(distance), isMatch: Probability.ofLogOdds(2 - 0.1 * distance) > u)
        }
        let model = try LogisticCalibration(DistanceTable(rows))
        #expect(abs(model.intercept - 2) < 0.1 && abs(model.slope + 0.1) < 0.005, "\(model)")
    }

    /// Without overlap the likelihood has no greatest value; Platt's labels give one.
    @Test(arguments: [[1, 2, 3], [1, 2, 4]] as [[Float]])
    func partedKindsAreSmoothed(matching: [Float]) throws {
        let model = try LogisticCalibration(MeasureTests.table(matching: matching, other: [4, 5, 6]))
        #expect(model.smoothed && model.slope < 0 && model.slope.isFinite)
        // As many of each kind, so the smoothed labels' mean is kept.
        let mean = ([Float](matching) + [4, 5, 6]).reduce(0) { $0 + model.probability(distance: $1) } / 6
        #expect(abs(mean - 0.5) < 1e-6)
        #expect(model.probability(distance: 1) < 1 && model.probability(distance: 6) > 0)
    }

    @Test
    func aDistanceThatSaysNothingOrTheContraryGivesTheShare() throws {
        for other in [[1, 1], [0, 1]] as [[Float]] {
            let model = try LogisticCalibration(MeasureTests.table(matching: [1, 1, 2, 1], other: other))
            if other == [0, 1] {
                #expect(model.slope == 0)
            }
            #expect(abs(model.probability(distance: 1) - 2.0 / 3) < 0.1)
        }
        let isotonic = try IsotonicCalibration(MeasureTests.table(matching: [3, 4], other: [1, 2]))
        #expect(isotonic.probability(distance: 1) == 0.5 && isotonic.probability(distance: 4) == 0.5)
    }

    @Test
    func aListOfOneKindIsRefused() {
        let table = MeasureTests.table(matching: [1, 2], other: [])
        let error = CalibrationError.unusableList(matching: 2, nonMatching: 0)
        #expect(throws: error) { try LogisticCalibration(table) }
        #expect(throws: error) { try IsotonicCalibration(table) }
    }

    @Test
    func probabilitiesMoveWithThePrior() {
        // 0.8 among equals is odds of 4; with one match to nine others they are 4/9.
        #expect(abs(Probability.moved(0.8, fromPrior: 0.5, toPrior: 0.1) - 4.0 / 13) < 1e-12)
        #expect(Probability.moved(1, fromPrior: 0.5, toPrior: 0.1) == 1)
        #expect(Probability.ofLogOdds(-1000) == 0 && Probability.ofLogOdds(1000) == 1)
        #expect(abs(Probability.logMeanExp([-2000, -2000 + log(3)]) - (-2000 + log(2))) < 1e-9)
    }
}
