package import CaffeProto
package import Tensors

/// The places, or values, of the `top_k` largest numbers; of equals the last comes first, as in Caffe.
///
/// With `axis` A: the top has the bottom's shape with length top_k on A: numbers of places along A, or with
/// `out_max_val: true` the values. Without: over all of a sample (bottom N × …); the top is N × 1 × top_k, places, or with
/// `out_max_val: true` N × 2 × top_k, places and values (and as many axes of length 1 as the bottom has more than three).
/// No gradient passes. Source: Caffe, src/caffe/layers/argmax_layer.cpp.
package final class ArgMaxLayer: Layer {
    private let count: Int
    private let givesValues: Bool
    private var columns = Softmax(along: 0, of: [1])
    /// A column's places, the largest number's first, as far as `count`.
    private var best: [Int] = []

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        count = Int(definition.argmaxParam.topK)
        givesValues = definition.argmaxParam.outMaxVal
        try super.init(definition, context: context)
    }

    private var hasAxis: Bool { definition.argmaxParam.hasAxis }

    package override func passesGradient(toBottom index: Int) -> Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shape = bottom[0].shape
        guard shape.axes >= 1 else { throw fault("needs a bottom of N × …, but \"\(bottom[0].name)\" is a scalar") }
        if hasAxis {
            let axis = try axis(Int(definition.argmaxParam.axis), of: bottom[0])
            guard axis > 0 || context.shard.count == context.globalBatch ?? 0 else {
                throw fault("can't look along axis 0, the samples, since each rank has only a part of them")
            }
            columns = Softmax(along: axis, of: shape)
            try top[0].reshape(shape.replacing(axis: axis, with: count))
        } else {
            columns = Softmax(along: 1, of: [shape[0], shape.count(from: 1)])
            let ones = Array(repeating: 1, count: max(0, shape.axes - 3))
            try top[0].reshape(Shape([shape[0], givesValues ? 2 : 1, count] + ones))
        }
        guard 1...max(1, columns.classes) ~= count else {
            throw fault("top_k must be 1 to \(columns.classes), the numbers to choose from, found \(count)")
        }
        best.reserveCapacity(count + 1)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        bottom[0].withData { x in
            top[0].withMutableData { y in
                for column in 0..<columns.columns {
                    findBest(x, column)
                    if hasAxis { write(x, column, along: &y) } else { write(x, sample: column, &y) }
                }
            }
        }
    }

    /// Fills `best`, keeping it sorted.
    private func findBest(_ x: Span<Float>, _ column: Int) {
        best.removeAll(keepingCapacity: true)
        for k in 0..<columns.classes {
            let value = x[columns.position(column, class: k)]
            let smaller = best.firstIndex { x[columns.position(column, class: $0)] <= value }
            guard smaller != nil || best.count < count else { continue }
            best.insert(k, at: smaller ?? best.count)
            if best.count > count { best.removeLast() }
        }
    }

    private func write(_ x: Span<Float>, _ column: Int, along y: inout MutableSpan<Float>) {
        let (o, i) = column.quotientAndRemainder(dividingBy: columns.inner)
        for (rank, k) in best.enumerated() {
            y[(o * count + rank) * columns.inner + i] =
                givesValues ? x[columns.position(column, class: k)] : Float(k)
        }
    }

    private func write(_ x: Span<Float>, sample: Int, _ y: inout MutableSpan<Float>) {
        let start = sample * count * (givesValues ? 2 : 1)
        for (rank, k) in best.enumerated() {
            y[start + rank] = Float(k)
            if givesValues { y[start + count + rank] = x[columns.position(sample, class: k)] }
        }
    }
}
