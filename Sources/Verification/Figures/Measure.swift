/// A figure by which lists of pairs are judged, at its threshold if it has one.
package enum Measure: Hashable, Sendable {
    case areaUnderCurve
    case equalErrorRate
    case averagePrecision
    /// The least share of other pairs accepted with at least this share of the matching ones.
    ///
    /// At 0.95 the measure of Zagoruyko and Komodakis, "Learning to compare image patches via convolutional neural
    /// networks" (CVPR 2015).
    case falseAccepts(trueAcceptRate: Double)
    /// The greatest share of matching pairs accepted with at most this share of the others.
    case trueAccepts(falseAcceptRate: Double)
    /// What is left of that to 1.
    ///
    /// At 0.1, 0.075 and 0.05 the measure of Chopra, Hadsell and LeCun, "Learning a similarity metric discriminatively"
    /// (CVPR 2005).
    case falseRejects(falseAcceptRate: Double)
    /// The share judged rightly at the threshold that is best on this very list: an upper bound of what it can do.
    case bestAccuracy
    /// The share judged rightly at a threshold that another list has given.
    case accuracy(threshold: Float)

    /// All that need nothing but the list.
    package static let usual: [Measure] =
        [.areaUnderCurve, .equalErrorRate, .averagePrecision, .falseAccepts(trueAcceptRate: 0.95)]
        + [1e-1, 1e-2, 1e-3, 1e-4].map { .trueAccepts(falseAcceptRate: $0) }
        + [0.1, 0.075, 0.05].map { .falseRejects(falseAcceptRate: $0) } + [.bestAccuracy]

    /// As files name it.
    package var name: String {
        switch self {
        case .areaUnderCurve: "auc"
        case .equalErrorRate: "eer"
        case .averagePrecision: "average_precision"
        case .falseAccepts(let rate): "fpr_at_tpr_\(Self.percent(rate))"
        case .trueAccepts(let rate): "tar_at_far_\(Self.power(rate))"
        case .falseRejects(let rate): "frr_at_far_\(Self.percent(rate))"
        case .bestAccuracy: "best_accuracy"
        case .accuracy: "accuracy"
        }
    }

    /// As people read it.
    package var title: String {
        switch self {
        case .areaUnderCurve: "AUC"
        case .equalErrorRate: "EER"
        case .averagePrecision: "average precision"
        case .falseAccepts(let rate): "FPR at \(Self.percent(rate)) % TPR"
        case .trueAccepts(let rate): "TAR at FAR \(Self.power(rate))"
        case .falseRejects(let rate): "false reject at \(Self.percent(rate)) % false accept"
        case .bestAccuracy: "accuracy at this list's best threshold"
        case .accuracy: "accuracy at the given threshold"
        }
    }

    /// Why a list of so many other pairs can't tell; nil if it can.
    ///
    /// A rate below one pair of the list is no rate that it could show.
    package func lack(others: Int) -> String? {
        let rate: Double
        switch self {
        case .trueAccepts(let limit), .falseRejects(let limit): rate = limit
        default: return nil
        }
        let needed = Int((1 / rate).rounded(.up))
        return others >= needed ? nil : "needs \(needed) non-matching pairs; the list has \(others)"
    }

    /// Its value, and the entry of the counts that it is read off at; `index` is the entry of the given threshold.
    package func value(of counts: AcceptCounts, index: Int = 0) -> (value: Double, index: Int?) {
        switch self {
        case .areaUnderCurve: return (counts.areaUnderCurve, nil)
        case .averagePrecision: return (counts.averagePrecision, nil)
        case .equalErrorRate:
            let equal = counts.equalError
            return (equal.rate, equal.index)
        case .falseAccepts(let floor):
            let index = counts.loosest(trueAcceptRate: floor)
            return (counts.falseAcceptRate(index), index)
        case .trueAccepts(let limit):
            let index = counts.strictest(falseAcceptRate: limit)
            return (counts.trueAcceptRate(index), index)
        case .falseRejects(let limit):
            let index = counts.strictest(falseAcceptRate: limit)
            return (1 - counts.trueAcceptRate(index), index)
        case .bestAccuracy:
            let index = counts.mostAccurate
            return (counts.accuracy(index), index)
        case .accuracy: return (counts.accuracy(index), index)
        }
    }

    /// 0.075 as "7.5".
    private static func percent(_ rate: Double) -> String {
        let tenths = Int((rate * 1000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// 0.001 as "1e-3".
    private static func power(_ rate: Double) -> String {
        let reciprocal = String(Int((1 / rate).rounded()))
        return "1e-\(reciprocal.count - 1)"
    }
}
