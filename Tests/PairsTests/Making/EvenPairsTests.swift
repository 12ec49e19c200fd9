import Pairs
import Testing

struct EvenPairsTests {
    /// Every pair once, and after each of them no thing is used twice more than another.
    @Test(arguments: [2, 3, 4, 5, 6, 7, 9, 15, 16, 21, 30])
    func amongThemselves(count: Int) {
        var uses = [Int](repeating: 0, count: count)
        var seen: Set<[Int]> = []
        for place in 0..<EvenPairs.count(of: count) {
            let (a, b) = EvenPairs.pair(place, of: count)
            #expect(a != b && uses.indices.contains(a) && uses.indices.contains(b))
            seen.insert([min(a, b), max(a, b)])
            uses[a] += 1
            uses[b] += 1
            #expect((uses.max() ?? 0) - (uses.min() ?? 0) <= 1, "\(count) things, pair \(place)")
        }
        #expect(seen.count == count * (count - 1) / 2)
    }

    @Test(arguments: [[1, 1], [1, 5], [4, 6], [6, 4], [7, 7], [3, 5], [12, 18]])
    func withOthers(sizes: [Int]) {
        var uses = sizes.map { [Int](repeating: 0, count: $0) }
        var seen: Set<[Int]> = []
        for place in 0..<sizes[0] * sizes[1] {
            let (a, b) = EvenPairs.pair(place, of: sizes[0], with: sizes[1])
            seen.insert([a, b])
            uses[0][a] += 1
            uses[1][b] += 1
            for uses in uses { #expect((uses.max() ?? 0) - (uses.min() ?? 0) <= 1, "\(sizes), pair \(place)") }
        }
        #expect(seen.count == sizes[0] * sizes[1])
    }
}
