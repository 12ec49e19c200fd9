/// The collectives, by the names that error messages use.
enum Collective: Int {
    case agreement, barrier, broadcastFloats, broadcastBytes, sumFloats, sumDoubles, maximumInts, gatherBytes, farewell
    case allGatherFloats, reduceScatterFloats, gatherFloats, swapFloats, split

    var name: String {
        switch self {
        case .agreement: "agreement on the first error"
        case .barrier: "barrier"
        case .broadcastFloats: "broadcast of floats"
        case .broadcastBytes: "broadcast of bytes"
        case .sumFloats: "all-reduce sum of floats"
        case .sumDoubles: "all-reduce sum of doubles"
        case .maximumInts: "all-reduce maximum of integers"
        case .gatherBytes: "gather of bytes"
        case .farewell: "farewell"
        case .allGatherFloats: "all-gather of floats"
        case .reduceScatterFloats: "reduce-scatter sum of floats"
        case .gatherFloats: "gather of floats"
        case .swapFloats: "swap of floats"
        case .split: "division into groups"
        }
    }
}

/// What every rank says before a collective: which one it is in, how long its buffer is, and whether it has failed.
///
/// MPI itself hangs, or mixes data up, when ranks call different collectives or pass different lengths. The minimum of
/// these words over all ranks shows both at the price of one all-reduce of 64 bytes, and lets a rank that fails
/// anywhere be heard at the next collective of the others, whichever that is.
struct RollCall {
    /// Collective and its complement, length and its complement (so that one minimum gives both ends), failing rank,
    /// the complement of the notice.
    var words: SIMD8<Int>

    init(_ collective: Collective, count: Int, failing rank: Int?, notice: Int = 0) {
        words = SIMD8(collective.rawValue, ~collective.rawValue, count, ~count, rank ?? .max, ~notice, 0, 0)
    }

    mutating func formMinimum(with other: RollCall) {
        words = pointwiseMin(words, other.words)
    }

    /// Of the minimum over all ranks: the lowest rank that has failed.
    var failingRank: Int? { words[4] == .max ? nil : words[4] }

    /// Of the minimum over all ranks: the largest notice.
    var notice: Int { ~words[5] }

    /// Of the minimum over all ranks: how the ranks are out of step, if they are.
    var disagreement: String? {
        let (low, high) = (Collective(rawValue: words[0]), Collective(rawValue: ~words[1]))
        if low != high {
            return "ranks are out of step, one in \(low?.name ?? "?"), another in \(high?.name ?? "?")"
        }
        if words[2] != ~words[3] {
            return "ranks pass different lengths, from \(words[2]) to \(~words[3])"
        }
        return nil
    }
}
