import Comm
package import Nets

extension Lints {
    /// What the first forward pass shows of the margins of contrastive losses; collective.
    static func margins(of net: Net, _ communicator: any Communicator) throws -> [String] {
        var checks = net.steps.compactMap { $0.layer as? ContrastiveLossLayer }.map(MarginCheck.init)
        for index in checks.indices { try communicator.allReduceSum(&checks[index].sums) }
        return checks.compactMap(\.sentence)
    }
}

/// The non-matching pairs of a batch under one contrastive loss, as sums that ranks can add up.
package struct MarginCheck {
    private let layer: String
    private let reach: Double
    /// How many there are, how many of them are nearer than the margin, and the sum of their distances.
    package var sums: [Double]

    /// Looks at the last forward pass of this rank.
    package init(_ loss: ContrastiveLossLayer) {
        layer = loss.name
        let reach = Double(loss.reach)
        self.reach = reach
        let apart = zip(loss.distances, loss.matches).filter { !$0.1 }.map { Double($0.0) }
        sums = [Double(apart.count), Double(apart.count { $0 < reach }), apart.reduce(0, +)]
    }

    /// A margin that is this many times the distances is out of reach.
    private static let far = 100.0

    /// Nil where the margin fits, or where there is no such pair.
    package var sentence: String? {
        guard sums[0] > 0 else { return nil }
        let mean = sums[2] / sums[0]
        let found = "in the first batch the mean distance of non-matching pairs is \(TrainingLog.format(mean))"
        let margin = TrainingLog.format(reach)
        if sums[1] == 0 {
            return "layer \(layer): \(found), and none is within the margin of \(margin), so nothing moves them; "
                + "set the margin to the size of the distances, or scale the data down"
        }
        guard mean * Self.far < reach else { return nil }
        return "layer \(layer): \(found), so the margin of \(margin) can hardly be reached; "
            + "fillers \"msra\" or \"xavier\" keep distances at the size of the data, which may need a scale"
    }
}
