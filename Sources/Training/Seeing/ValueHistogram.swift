import Foundation
import InteropProto

/// How values are spread, in TensorFlow's buckets: each a tenth wider than the one before, mirrored below zero.
///
/// Values that are no numbers, or infinite, are left out. Source: tensorflow/core/lib/histogram/histogram.cc.
struct ValueHistogram: Codable {
    /// The upper ends of the buckets, in order.
    private static let limits: [Double] = {
        var positive: [Double] = []
        var limit = 1e-12
        while limit < 1e20 {
            positive.append(limit)
            limit *= 1.1
        }
        return [-Double.greatestFiniteMagnitude] + positive.reversed().map { -$0 } + [0] + positive
            + [.greatestFiniteMagnitude]
    }()

    private var least = Double.greatestFiniteMagnitude
    private var most = -Double.greatestFiniteMagnitude
    private(set) var count = 0
    private var sum = 0.0
    private var squares = 0.0
    /// How many values lie in each bucket that has any, by its number.
    private var buckets: [Int: Int] = [:]

    mutating func add(_ values: [Float]) {
        for value in values where value.isFinite {
            let value = Double(value)
            (least, most) = (min(least, value), max(most, value))
            count += 1
            sum += value
            squares += value * value
            buckets[Self.bucket(of: value), default: 0] += 1
        }
    }

    mutating func add(_ other: ValueHistogram) {
        (least, most) = (min(least, other.least), max(most, other.most))
        count += other.count
        sum += other.sum
        squares += other.squares
        buckets.merge(other.buckets, uniquingKeysWith: +)
    }

    /// The first bucket whose end is not below the value.
    private static func bucket(of value: Double) -> Int {
        var range = limits.startIndex..<limits.endIndex
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = limits[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    /// From the first bucket that holds something to the last, with the empty one before, whose end is the first one's start.
    var message: TensorBoardHistogramProto {
        var message = TensorBoardHistogramProto()
        guard let first = buckets.keys.min(), let last = buckets.keys.max() else { return message }
        (message.min, message.max, message.num) = (least, most, Double(count))
        (message.sum, message.sumSquares) = (sum, squares)
        let range = max(0, first - 1)...last
        message.bucketLimit = range.map { Self.limits[$0] }
        message.bucket = range.map { Double(buckets[$0] ?? 0) }
        return message
    }
}
