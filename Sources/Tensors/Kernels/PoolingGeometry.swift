/// All numbers of a pooling, and what follows from them by Caffe's rules.
package struct PoolingGeometry: Equatable, Sendable, CustomStringConvertible {
    /// N × C × H × W.
    package let input: Shape
    package let kernel: Extent
    package let stride: Extent
    package let pad: Extent
    /// N × C × H' × W'.
    package let output: Shape

    /// Needs positive kernel and stride and a pad below the kernel: the layer has checked them.
    ///
    /// - Parameter roundsUp: Caffe's round_mode: CEIL lets the last window hang over the edge, FLOOR drops it.
    package init(
        input: Shape, kernel: Extent, stride: Extent = Extent(1), pad: Extent = Extent(0), roundsUp: Bool = true
    ) {
        let isPadded = pad != Extent(0)
        func length(_ input: Int, _ kernel: Int, _ stride: Int, _ pad: Int) -> Int {
            let slack = input + 2 * pad - kernel
            let length = (roundsUp ? (slack + stride - 1) / stride : slack / stride) + 1
            // A last window that would lie in the pad alone is dropped, on both axes if either has a pad.
            return isPadded && (length - 1) * stride >= input + pad ? length - 1 : length
        }
        self.input = input
        self.kernel = kernel
        self.stride = stride
        self.pad = pad
        output = [
            input[0], input[1],
            length(input[2], kernel.height, stride.height, pad.height),
            length(input[3], kernel.width, stride.width, pad.width),
        ]
        precondition(output[2] > 0 && output[3] > 0, "kernel outgrows its input in pooling \(self)")
    }

    /// How far the last window reaches beyond the input at the bottom and at the right; 0 if it doesn't.
    package var overhang: Extent {
        Extent(
            height: max(0, (output[2] - 1) * stride.height + kernel.height - pad.height - input[2]),
            width: max(0, (output[3] - 1) * stride.width + kernel.width - pad.width - input[3]))
    }

    package var description: String { "\(input), kernel \(kernel), stride \(stride), pad \(pad)" }
}
