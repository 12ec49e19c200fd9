import Testing
import Verification

struct ChartAxisTests {
    @Test func linearAxesEndAtRoundNumbers() {
        let axis = ChartAxis(linear: "d", covering: [0.13, 0.97])
        #expect(axis.ticks.map(\.text) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(axis.place(0) == 0 && axis.place(axis.upper) == 1 && abs(axis.place(0.5) - 0.5) < 1e-12)
        #expect(axis.place(-3) == 0 && axis.place(7) == 1)
    }

    @Test func tightAxesEndAtTheValues() {
        let axis = ChartAxis(linear: "iteration", covering: [0, 4321], isTight: true)
        #expect(axis.upper == 4321)
        #expect(axis.ticks.map(\.text) == ["0", "1000", "2000", "3000", "4000"])
    }

    @Test(arguments: [[], [.nan], [3, 3], [0, 0], [-1e-9, 1e-9], [1e12, 3e12], [.infinity, 2]] as [[Double]])
    func axesAreFiniteWhateverComes(values: [Double]) {
        for axis in [ChartAxis(linear: "", covering: values), ChartAxis(logarithmic: "", covering: values)] {
            #expect(axis.lower < axis.upper)
            #expect(axis.ticks.count > 1 && axis.ticks.count < 100)
            #expect(axis.ticks.allSatisfy { (0...1).contains(axis.place($0.value)) })
        }
    }

    @Test func logarithmicAxesHaveWholeDecades() {
        let axis = ChartAxis(logarithmic: "rate", covering: [0, 0.0004, 1])
        #expect(axis.ticks.map(\.text).filter { !$0.isEmpty } == ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"])
        #expect(abs(axis.place(0.01) - 0.5) < 1e-12)
        #expect(axis.place(0) == 0)
    }

    /// Bars begin at multiples of their width, and shares are of all values of a group.
    @Test func barsHoldEachValueOnce() {
        let bins = HistogramChart.Bins([[0, 0.1, 0.5, 4.99, .nan], [2.5]])
        #expect(abs(bins.width - 0.2) < 1e-12 && bins.start == 0)
        #expect(abs(bins.shares[0].reduce(0, +) - 80) < 1e-9)
        #expect(bins.shares[1].firstIndex(of: 100) == 12)
        let many = HistogramChart.Bins([(0..<400).map { Double($0) / 80 }])
        #expect(abs(many.width - 0.1) < 1e-12 && many.shares[0].count == 50)
        #expect(HistogramChart.Bins([[3, 3], []]).shares == [[100], [0]])
        #expect(HistogramChart.Bins([[], []]).shares[0].allSatisfy { $0 == 0 })
    }
}
