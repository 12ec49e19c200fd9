/// How many matching and how many other pairs each threshold accepts, and the figures made of that.
///
/// Entry 0 accepts nothing, entry k the pairs of the k smallest distances. Of a resampled list a pair counts as often as
/// it was drawn. All figures but the areas depend on counts only, so they are exact; each needs pairs of both kinds.
package struct AcceptCounts: Equatable, Sendable {
    package internal(set) var matches: [Int]
    package internal(set) var others: [Int]

    /// With room for so many different distances.
    package init(groups: Int) {
        matches = [Int](repeating: 0, count: groups + 1)
        others = matches
    }

    var last: Int { matches.count - 1 }
    package var allMatches: Int { matches[last] }
    package var allOthers: Int { others[last] }
    package var hasBothKinds: Bool { allMatches > 0 && allOthers > 0 }

    /// The share of the other pairs that entry `index` accepts.
    package func falseAcceptRate(_ index: Int) -> Double { Double(others[index]) / Double(allOthers) }

    /// The share of the matching pairs that entry `index` accepts.
    package func trueAcceptRate(_ index: Int) -> Double { Double(matches[index]) / Double(allMatches) }

    /// The share of all pairs that entry `index` judges rightly.
    package func accuracy(_ index: Int) -> Double {
        Double(matches[index] + allOthers - others[index]) / Double(allMatches + allOthers)
    }

    /// The area under the curve: the chance that a matching pair is closer than another; equal distances count half.
    package var areaUnderCurve: Double {
        var area = 0.0
        for index in 1..<matches.count {
            let width = others[index] - others[index - 1]
            if width > 0 { area += Double(width) * Double(matches[index] + matches[index - 1]) }
        }
        return area / 2 / (Double(allMatches) * Double(allOthers))
    }

    /// Σ (R_k − R_(k−1)) · P_k over all thresholds, with P the share of accepted pairs that match and R the true accepts.
    ///
    /// As scikit-learn's `average_precision_score`: nothing is interpolated, so it is not the area by trapezoids.
    package var averagePrecision: Double {
        var sum = 0.0
        for index in 1..<matches.count {
            let step = matches[index] - matches[index - 1]
            if step > 0 { sum += Double(step) * Double(matches[index]) / Double(matches[index] + others[index]) }
        }
        return sum / Double(allMatches)
    }

    /// Where as many matching pairs are rejected as others are accepted, and the entry nearest to it.
    ///
    /// Between two entries the rate is interpolated.
    package var equalError: (rate: Double, index: Int) {
        // Never the entry that accepts nothing, and at the latest the one that accepts all.
        let after = first(from: 1) { falseAcceptRate($0) >= 1 - trueAcceptRate($0) }
        let before = after - 1
        let gapBefore = 1 - trueAcceptRate(before) - falseAcceptRate(before)
        let gapAfter = falseAcceptRate(after) - (1 - trueAcceptRate(after))
        let part = gapBefore / (gapBefore + gapAfter)
        let rate = falseAcceptRate(before) + part * (falseAcceptRate(after) - falseAcceptRate(before))
        return (rate, part < 0.5 && before > 0 ? before : after)
    }

    /// The entry that accepts most matching pairs while it accepts at most this share of the others.
    package func strictest(falseAcceptRate limit: Double) -> Int {
        first(from: 1) { falseAcceptRate($0) > limit } - 1
    }

    /// The entry that accepts fewest other pairs while it accepts at least this share of the matching ones.
    package func loosest(trueAcceptRate floor: Double) -> Int { first { trueAcceptRate($0) >= floor } }

    /// The entry that judges most pairs rightly, the lowest of several.
    package var mostAccurate: Int {
        var best = 0
        for index in 1..<matches.count where matches[index] - others[index] > matches[best] - others[best] {
            best = index
        }
        return best
    }

    /// The first entry for which `holds`, which stays true once it is; the number of entries if there is none.
    private func first(from start: Int = 0, _ holds: (Int) -> Bool) -> Int {
        var (low, high) = (start, matches.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
