import Testing
import Verification

/// Against scikit-learn's figures of the same scores.
struct MeasureTests {
    @Test
    func theReferencesAreThere() {
        #expect(ReferenceFigures.all.count == 5)
        #expect(ReferenceFigures.unweighted.count == 4)
    }

    @Test(arguments: ReferenceFigures.all)
    func agreesWithScikitLearn(reference: ReferenceFigures) throws {
        let ranking = try #require(RankedPairs(reference.table))
        let counts = reference.weights.map { ranking.counts(weights: $0) } ?? ranking.counts
        for measure in Measure.usual {
            guard let expected = reference.expected[measure.name] ?? nil else {
                #expect(measure.lack(others: counts.allOthers) != nil, "\(measure.name)")
                continue
            }
            #expect(abs(measure.value(of: counts).value - expected) < 1e-9, "\(measure.name)")
        }
        let index = ranking.index(threshold: 1.25)
        #expect(abs(counts.accuracy(index) - (try reference.value("accuracy_at_1.25"))) < 1e-9)
    }

    @Test(arguments: ReferenceFigures.all)
    func theBestThresholdIsTheLowestOfTheBest(reference: ReferenceFigures) throws {
        let ranking = try #require(RankedPairs(reference.table))
        let counts = reference.weights.map { ranking.counts(weights: $0) } ?? ranking.counts
        let threshold = ranking.threshold(counts.mostAccurate)
        if let expected = reference.expected["best_threshold"] ?? nil {
            #expect(Double(threshold) == expected)
        } else {
            #expect(threshold < ranking.distances[0])
        }
    }

    @Test(arguments: ReferenceFigures.unweighted)
    func theCornersHaveTheWholeArea(reference: ReferenceFigures) throws {
        let curve = try #require(ROCCurve(reference.table))
        let corners = curve.corners
        let area = zip(corners, corners.dropFirst()).reduce(0) { area, side in
            let width = side.1.falseAcceptRate - side.0.falseAcceptRate
            return area + width * (side.0.trueAcceptRate + side.1.trueAcceptRate) / 2
        }
        #expect(abs(area - (try reference.value("corner_area"))) < 1e-9)
        #expect(corners.count < curve.points.count || curve.points.count < 20)
        #expect(corners.first == curve.points.first && corners.last == curve.points.last)
        #expect(curve.csv.split(separator: "\n").count == corners.count + 1)
    }

    /// Along matching pairs alone, and along others alone, the curve is straight.
    @Test
    func cornersOfASmallCurve() throws {
        let curve = try #require(ROCCurve(Self.table(matching: [1, 2, 5], other: [3, 4])))
        #expect(curve.corners.map(\.threshold) == [-.infinity, 2, 4, 5])
        #expect(
            curve.csv == """
                threshold,false_accept_rate,true_accept_rate
                -inf,0.0,0.0
                2.0,0.0,0.6666666666666666
                4.0,1.0,0.6666666666666666
                5.0,1.0,1.0

                """)
    }

    /// A rate that the list holds exactly is within the limit, whatever 1/10 is in binary.
    @Test
    func aLimitIsReachedExactly() throws {
        let curve = try #require(ROCCurve(Self.table(matching: [1, 2.5], other: (2..<12).map(Float.init))))
        #expect(curve.threshold(falseAcceptRate: 0.1) == 2.5)
        #expect(Measure.trueAccepts(falseAcceptRate: 0.1).value(of: curve.counts).value == 1)
        #expect(Measure.falseRejects(falseAcceptRate: 0.05).value(of: curve.counts).value == 0.5)
        #expect(Measure.falseAccepts(trueAcceptRate: 0.95).value(of: curve.counts).value == 0.1)
    }

    /// Accept when distance ≤ threshold.
    @Test
    func aPairAtTheThresholdIsAccepted() throws {
        let curve = try #require(ROCCurve(Self.table(matching: [1, 2], other: [2, 3])))
        #expect(curve.accuracy(threshold: 2) == 0.75)
        #expect(curve.accuracy(threshold: Float(2).nextDown) == 0.75)
        #expect(curve.accuracy(threshold: 0) == 0.5)
        #expect(curve.accuracy(threshold: 3) == 0.5)
        #expect(curve.bestAccuracy.threshold == 1)
    }

    @Test(arguments: [
        (Measure.areaUnderCurve, "auc"), (.falseAccepts(trueAcceptRate: 0.95), "fpr_at_tpr_95"),
        (.trueAccepts(falseAcceptRate: 1e-1), "tar_at_far_1e-1"),
        (.trueAccepts(falseAcceptRate: 1e-4), "tar_at_far_1e-4"),
        (.falseRejects(falseAcceptRate: 0.1), "frr_at_far_10"),
        (.falseRejects(falseAcceptRate: 0.075), "frr_at_far_7.5"),
    ])
    func names(measure: Measure, name: String) { #expect(measure.name == name) }

    @Test(arguments: [(999, 1e-3, false), (1000, 1e-3, true), (13, 0.075, false), (14, 0.075, true)])
    func fewPairsShowNoSmallRate(others: Int, rate: Double, can: Bool) {
        #expect((Measure.trueAccepts(falseAcceptRate: rate).lack(others: others) == nil) == can)
        #expect((Measure.falseRejects(falseAcceptRate: rate).lack(others: others) == nil) == can)
        #expect(Measure.areaUnderCurve.lack(others: 1) == nil)
    }

    static func table(matching: [Float], other: [Float]) -> DistanceTable {
        DistanceTable(
            matching.map { .init(distance: $0, isMatch: true) } + other.map { .init(distance: $0, isMatch: false) })
    }
}
