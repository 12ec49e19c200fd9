/// The images of a split, by identity, as either tower may see them; identities are counted from 0 here.
package struct SplitImages {
    let identities: [Int]
    let hasViews: Bool
    /// For either side, where each identity's images stand in the table.
    private let ranges: [[Range<Int>]]
    /// For either side, how many images all identities before one have.
    private let before: [[Int]]

    package init(_ table: ImageTable, _ identities: [Int]) {
        self.identities = identities
        hasViews = table.hasViews
        ranges = [0, 1].map { side in identities.map { table.images(of: $0, side: side) } }
        before = ranges.map { ranges in
            var sums = [0]
            for range in ranges { sums.append(sums[sums.count - 1] + range.count) }
            return sums
        }
    }

    var count: Int { identities.count }

    func images(_ identity: Int, side: Int) -> Range<Int> { ranges[side][identity] }

    /// How many images all identities have on a side.
    func total(side: Int) -> Int { before[side][count] }

    /// How many images there are, on whatever side.
    var imageCount: Int { hasViews ? total(side: 0) + total(side: 1) : total(side: 0) }

    /// How many matching pairs an identity has.
    func matchingPairs(_ identity: Int) -> Int {
        let (first, second) = (ranges[0][identity].count, ranges[1][identity].count)
        return hasViews ? first * second : EvenPairs.count(of: first)
    }

    /// How many impostor pairs begin, on the first side, with an image of an identity.
    func impostorPairs(from identity: Int) -> Int {
        ranges[0][identity].count * (total(side: 1) - ranges[1][identity].count)
    }

    /// How many impostor pairs there are.
    package var impostorPairs: Int {
        let ordered = (0..<count).reduce(0) { $0 + impostorPairs(from: $1) }
        return hasViews ? ordered : ordered / 2
    }

    /// One of the second side's images that are not of an identity, 0 ..< `impostorPairs(from:)` / its images.
    func stranger(_ number: Int, to identity: Int) -> Int {
        let number = number < before[1][identity] ? number : number + ranges[1][identity].count
        // The last identity with no more images before it than that.
        var (low, high) = (0, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if before[1][middle] <= number { low = middle } else { high = middle }
        }
        return ranges[1][low].lowerBound + number - before[1][low]
    }

    /// Calls the body with each impostor pair.
    func forEachImpostor(_ body: (Int, Int) -> Void) {
        for first in 0..<count {
            for second in (hasViews ? 0 : first + 1)..<count where second != first {
                for a in ranges[0][first] {
                    for b in ranges[1][second] { body(a, b) }
                }
            }
        }
    }
}
