import Comm
import Nets
import Tensors

/// Sums the gradients of a rank's micro-batches, parameter by parameter, in the order of a `BinaryTree`.
///
/// Like a binary counter: a sum of 2ᵏ micro-batches is kept until its neighbour is there, so k buffers do for 2ᵏ of them.
final class GradientTree {
    private let store: ParameterStore
    private let leaves: Int
    /// Of each parameter by its number in the store: the sums of 1, 2, 4 … micro-batches that wait for their neighbours.
    private let waiting: [Int: [FloatStorage]]

    /// - Parameters:
    ///   - parameters: numbers in the store of those whose gradients backward makes.
    ///   - leaves: micro-batches of this rank in a step.
    init(_ parameters: [Int], of store: ParameterStore, leaves: Int) {
        self.store = store
        self.leaves = leaves
        let levels = Int.bitWidth - (leaves - 1).leadingZeroBitCount
        waiting = Dictionary(
            uniqueKeysWithValues: parameters.map { index in
                (index, (0..<levels).map { _ in FloatStorage(count: store.parameters[index].shape.count) })
            })
    }

    /// Takes a parameter's gradient of a micro-batch; after the last one the gradient is the sum of all.
    func add(_ index: Int, leaf: Int, in timeline: Timeline?) {
        guard leaves > 1, let sums = waiting[index] else { return }
        Timeline.measure(.update, "micro-batches", in: timeline) { add(store.parameters[index].blob, sums, leaf) }
    }

    private func add(_ gradient: Blob, _ sums: [FloatStorage], _ leaf: Int) {
        // The set bits of `leaf` are the sums that wait; the trailing ones those whose neighbour is complete now.
        let isLast = leaf == leaves - 1
        let complete = isLast ? sums.indices.filter { leaf >> $0 & 1 == 1 } : Array(0..<(~leaf).trailingZeroBitCount)
        for level in complete.dropLast(isLast ? 0 : 1) { Self.add(sums[level], to: gradient) }
        if isLast { return }
        // What is complete waits one level higher.
        let target = sums[complete.count]
        Self.write(gradient, plus: complete.last.map { sums[$0] }, to: target)
    }

    /// gradient = earlier + gradient.
    private static func add(_ earlier: FloatStorage, to gradient: Blob) {
        nonisolated(unsafe) let (earlier, gradient) = (earlier, gradient)
        unsafe Threads.parallel(earlier.count) { range in
            unsafe earlier.withSpan { earlier in
                unsafe gradient.withMutableDiff { gradient in
                    for i in range { gradient[i] = earlier[i] + gradient[i] }
                }
            }
        }
    }

    /// target = earlier + gradient, or the gradient alone.
    private static func write(_ gradient: Blob, plus earlier: FloatStorage?, to target: FloatStorage) {
        nonisolated(unsafe) let (earlier, gradient, target) = (earlier, gradient, target)
        unsafe Threads.parallel(target.count) { range in
            unsafe gradient.withDiff { gradient in
                unsafe target.withMutableSpan { (target: inout MutableSpan<Float>) in
                    guard let earlier = unsafe earlier else {
                        for i in range { target[i] = gradient[i] }
                        return
                    }
                    earlier.withSpan { earlier in
                        for i in range { target[i] = earlier[i] + gradient[i] }
                    }
                }
            }
        }
    }
}
