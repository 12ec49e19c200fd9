/// All numbers of a two-dimensional convolution, and what follows from them.
package struct ConvolutionGeometry: Equatable, Sendable, CustomStringConvertible {
    /// N × C × H × W.
    package let input: Shape
    /// Output channels.
    package let outputs: Int
    package let kernel: Extent
    package let stride: Extent
    package let pad: Extent
    /// As Caffe counts it: 1 is none.
    package let dilation: Extent
    package let group: Int

    /// Needs positive sizes, channels that divide by `group`, and a kernel that fits: the layer has checked them.
    package init(
        input: Shape, outputs: Int, kernel: Extent, stride: Extent = Extent(1), pad: Extent = Extent(0),
        dilation: Extent = Extent(1), group: Int = 1
    ) {
        self.input = input
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.pad = pad
        self.dilation = dilation
        self.group = group
        precondition(input.axes == 4 && input[1] % group == 0 && outputs % group == 0, "convolution \(self)")
        precondition(output[2] > 0 && output[3] > 0, "kernel outgrows its input in convolution \(self)")
    }

    /// N × outputs × H' × W' (Caffe: ⌊(H + 2·pad − (dilation·(kernel − 1) + 1)) / stride⌋ + 1).
    package var output: Shape {
        [
            input[0], outputs,
            (input[2] + 2 * pad.height - reach.height) / stride.height + 1,
            (input[3] + 2 * pad.width - reach.width) / stride.width + 1,
        ]
    }

    /// How far the dilated kernel reaches.
    package var reach: Extent {
        Extent(height: dilation.height * (kernel.height - 1) + 1, width: dilation.width * (kernel.width - 1) + 1)
    }

    /// Outputs × C/group × kernel height × kernel width, as Caffe stores them.
    package var weights: Shape { [outputs, input[1] / group, kernel.height, kernel.width] }

    /// Multiply-adds of one forward pass; each of the two backward passes has as many.
    package var multiplyAdds: Int { output.count * weights.count(from: 1) }

    package var description: String {
        "\(input), \(outputs) outputs, kernel \(kernel), stride \(stride), pad \(pad), dilation \(dilation), group \(group)"
    }
}
