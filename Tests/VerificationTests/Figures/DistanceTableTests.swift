import Testing
import Verification

struct DistanceTableTests {
    @Test
    func countsAndMeansOfBothKinds() {
        var table = DistanceTable()
        #expect(table.meanDistance(matching: true) == nil)
        for (distance, match) in [(Float(1), true), (2, true), (8, false)] {
            table.append(.init(distance: distance, isMatch: match))
        }
        #expect(table.rows.map(\.distance) == [1, 2, 8])
        #expect(table.matches == 2)
        #expect(table.nonMatches == 1)
        #expect(table.meanDistance(matching: true) == 1.5)
        #expect(table.meanDistance(matching: false) == 8)
    }
}
