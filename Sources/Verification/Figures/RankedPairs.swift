/// The pairs of a list by distance, sorted once, from which the counts of any weights follow in one pass.
///
/// Pairs of equal distance form a group, which is accepted together, so ties cost half, whatever the order of the list
/// (Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006).
package struct RankedPairs: Sendable {
    /// Positions in the list, nearest pair first; equal distances in the list's order.
    let order: [Int]
    /// Of each pair in `order` 1 if it matches, else 0.
    let matchCount: [Int]
    /// Where in `order` each group ends.
    let ends: [Int]
    /// The distance of each group, which is the threshold that accepts it and all before it.
    package let distances: [Float]

    /// nil when the table lacks matching or other pairs, or holds a distance that is no number.
    package init?(_ table: DistanceTable) {
        let rows = table.rows
        let matches = table.matches
        guard matches > 0, matches < rows.count, rows.allSatisfy({ $0.distance.isFinite }) else { return nil }
        let order = rows.indices.sorted {
            rows[$0].distance != rows[$1].distance ? rows[$0].distance < rows[$1].distance : $0 < $1
        }
        let ends = order.indices.filter { position in
            position + 1 == order.count || rows[order[position + 1]].distance > rows[order[position]].distance
        }
        self.order = order
        self.ends = ends.map { $0 + 1 }
        matchCount = order.map { rows[$0].isMatch ? 1 : 0 }
        distances = ends.map { rows[order[$0]].distance }
    }

    /// The counts of the list as it is.
    package var counts: AcceptCounts {
        var counts = AcceptCounts(groups: ends.count)
        fill(&counts) { _ in 1 }
        return counts
    }

    /// The counts when the pair at each position of the list weighs this much.
    package func counts(weights: [Int]) -> AcceptCounts {
        precondition(weights.count == order.count, "\(weights.count) weights for \(order.count) pairs")
        var counts = AcceptCounts(groups: ends.count)
        fill(&counts) { weights[order[$0]] }
        return counts
    }

    /// Fills counts of this many groups; `weight` gets positions in `order`, one after the other.
    @inline(__always)
    func fill(_ counts: inout AcceptCounts, weight: (Int) -> Int) {
        var (matches, others, position) = (0, 0, 0)
        for (group, end) in ends.enumerated() {
            while position < end {
                // Kinds alternate at random, so a product is cheaper than a branch.
                let weight = weight(position)
                let matching = weight &* matchCount[position]
                matches &+= matching
                others &+= weight &- matching
                position += 1
            }
            counts.matches[group + 1] = matches
            counts.others[group + 1] = others
        }
    }

    /// The threshold of an entry of the counts: of that which accepts nothing, the number just below the least distance.
    package func threshold(_ index: Int) -> Float { index == 0 ? distances[0].nextDown : distances[index - 1] }

    /// The entry of the counts that a threshold belongs to: the number of groups with distance ≤ threshold.
    package func index(threshold: Float) -> Int {
        var (low, high) = (0, distances.count)
        while low < high {
            let middle = (low + high) / 2
            if distances[middle] <= threshold { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
