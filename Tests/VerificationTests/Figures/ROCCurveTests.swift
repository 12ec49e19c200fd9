import Testing
import Verification

struct ROCCurveTests {
    /// Distances of matching and of other pairs, in an order of their own.
    private static func curve(matching: [Float], other: [Float]) throws -> ROCCurve {
        let rows =
            matching.map { DistanceTable.Row(distance: $0, isMatch: true) }
            + other.map { DistanceTable.Row(distance: $0, isMatch: false) }
        return try #require(ROCCurve(DistanceTable(rows)))
    }

    @Test
    func fullySeparated() throws {
        let curve = try Self.curve(matching: [1, 2], other: [3, 4])
        #expect(curve.areaUnderCurve == 1)
        #expect(curve.equalError.rate == 0)
        #expect(curve.equalError.threshold == 2)
    }

    @Test
    func fullyWrong() throws {
        let curve = try Self.curve(matching: [3, 4], other: [1, 2])
        #expect(curve.areaUnderCurve == 0)
        #expect(curve.equalError.rate == 1)
    }

    /// Of the nine comparisons eight are right; one of three is wrong on both sides at 3.
    @Test
    func oneSwap() throws {
        let curve = try Self.curve(matching: [1, 2, 4], other: [3, 5, 6])
        #expect(abs(curve.areaUnderCurve - 8.0 / 9) < 1e-12)
        #expect(abs(curve.equalError.rate - 1.0 / 3) < 1e-12)
        #expect(curve.equalError.threshold == 3)
    }

    @Test
    func pointsAreSharesAtEachDistance() throws {
        let curve = try Self.curve(matching: [1, 3], other: [2, 3])
        #expect(curve.points.map(\.threshold) == [-.infinity, 1, 2, 3])
        #expect(curve.points.map(\.falseAcceptRate) == [0, 0, 0.5, 1])
        #expect(curve.points.map(\.trueAcceptRate) == [0, 0.5, 0.5, 1])
        #expect(curve.points[1].falseRejectRate == 0.5)
    }

    /// A collapsed net tells nothing apart, whatever order its pairs stand in.
    @Test
    func allEqualIsChance() throws {
        let rows = [true, true, false, true, false].map { DistanceTable.Row(distance: 0, isMatch: $0) }
        for order in [rows, rows.reversed()] {
            let curve = try #require(ROCCurve(DistanceTable(order)))
            #expect(curve.areaUnderCurve == 0.5)
            #expect(curve.equalError.rate == 0.5)
            #expect(curve.equalError.threshold == 0)
        }
    }

    /// A tie between a matching and another pair counts half: 1 < 2, 1 < 3, 2 = 2 (½), 2 < 3.
    @Test
    func aTieCountsHalf() throws {
        #expect(try Self.curve(matching: [1, 2], other: [2, 3]).areaUnderCurve == 3.5 / 4)
    }

    /// Unequal numbers of both kinds, counted comparison by comparison.
    @Test
    func theAreaIsTheShareOfRightComparisons() throws {
        let matching = (0..<40).map { Float(($0 * 37) % 23) }
        let other = (0..<17).map { Float(($0 * 31) % 29) }
        let right = matching.flatMap { a in other.map { b in a < b ? 1.0 : a == b ? 0.5 : 0 } }.reduce(0, +)
        let area = try Self.curve(matching: matching, other: other).areaUnderCurve
        #expect(abs(area - right / Double(matching.count * other.count)) < 1e-12)
    }

    /// Between two points the rates cross where the line from (0, ½) to (½, 0) has them equal.
    @Test
    func theEqualErrorLiesBetweenPoints() throws {
        let curve = try Self.curve(matching: [1, 2], other: [2, 3])
        #expect(abs(curve.equalError.rate - 0.25) < 1e-12)
    }

    @Test(arguments: [
        DistanceTable(),
        DistanceTable([.init(distance: 1, isMatch: true)]),
        DistanceTable([.init(distance: 1, isMatch: false)]),
        DistanceTable([.init(distance: .nan, isMatch: true), .init(distance: 1, isMatch: false)]),
        DistanceTable([.init(distance: .infinity, isMatch: true), .init(distance: 1, isMatch: false)]),
    ])
    func withoutBothKindsOrWithoutNumbersThereIsNone(table: DistanceTable) {
        #expect(ROCCurve(table) == nil)
    }
}
