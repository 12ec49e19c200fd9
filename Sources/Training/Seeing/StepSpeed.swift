import Foundation

/// How fast all ranks together went between two displays, and what held them up.
package struct StepSpeed: CustomStringConvertible, Sendable {
    package let pairsPerSecond: Double
    /// Of all ranks: the net's additions and multiplications in 10⁹ a second.
    package let gflops: Double
    /// The share of the time in which the rank with the slowest reader waited for its pairs.
    package let dataWait: Double
    /// The share of the time that the exchange took when backward had ended: of the rank that waited least, since the
    /// others waited for slower ranks too.
    package let exchange: Double

    /// - Parameters:
    ///   - ranks: their times in these steps.
    ///   - pairs: of a step, over all ranks.
    package init(_ ranks: [RankTimes], steps: Int, seconds: Double, pairs: Int) {
        let seconds = max(seconds, .leastNormalMagnitude)
        pairsPerSecond = Double(steps * pairs) / seconds
        gflops = ranks.reduce(0) { $0 + $1.operations } * Double(steps) / seconds / 1e9
        dataWait = (ranks.map(\.dataWait).max() ?? 0) / seconds
        exchange = (ranks.map { $0[.exchange] }.min() ?? 0) / seconds
    }

    /// "Speed: 20.1 pairs/s, 210.3 GFLOP/s; waiting for data 0.3 %, exchange not hidden 1.2 % of the time".
    ///
    /// Nothing in it that Caffe's log tools look for.
    package var description: String {
        String(
            format:
                "Speed: %.1f pairs/s, %.1f GFLOP/s; waiting for data %.1f %%, exchange not hidden %.1f %% of the time",
            pairsPerSecond, gflops, 100 * dataWait, 100 * exchange)
    }
}
