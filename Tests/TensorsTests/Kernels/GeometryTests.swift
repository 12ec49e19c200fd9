import Tensors
import Testing

@Suite struct GeometryTests {
    /// The sizes that Caffe prints for the seed at 256×256.
    @Test func seed() {
        let conv1 = ConvolutionGeometry(
            input: [32, 3, 256, 256], outputs: 96, kernel: Extent(11), stride: Extent(4))
        #expect(conv1.output == [32, 96, 62, 62])
        #expect(conv1.weights == [96, 3, 11, 11])
        #expect(conv1.multiplyAdds == 32 * 96 * 62 * 62 * 363)
        for (input, output) in [(62, 31), (31, 15), (15, 7)] {
            let pool = PoolingGeometry(input: [1, 1, input, input], kernel: Extent(3), stride: Extent(2))
            #expect(pool.output == [1, 1, output, output])
        }
    }

    @Test func convolutionWithEverything() {
        let geometry = ConvolutionGeometry(
            input: [2, 4, 9, 11], outputs: 6, kernel: Extent(3), stride: Extent(2), pad: Extent(1),
            dilation: Extent(2), group: 2)
        #expect(geometry.output == [2, 6, 4, 5])
        #expect(geometry.weights == [6, 2, 3, 3])
    }

    /// Kernel 2, stride 2, pad 1 on edges of 4, 5, 6 and 8 (the golden cases): a window in the pad alone is dropped.
    @Test(arguments: zip([4, 5, 6, 8], [3, 3, 4, 5]))
    func lastWindow(_ input: Int, _ output: Int) {
        let pool = PoolingGeometry(input: [1, 2, input, input], kernel: Extent(2), stride: Extent(2), pad: Extent(1))
        #expect(pool.output == [1, 2, output, output])
    }

    @Test func roundingModes() {
        let up = PoolingGeometry(input: [1, 1, 6, 6], kernel: Extent(3), stride: Extent(2))
        let down = PoolingGeometry(input: [1, 1, 6, 6], kernel: Extent(3), stride: Extent(2), roundsUp: false)
        #expect(up.output == [1, 1, 3, 3] && up.overhang == Extent(1))
        #expect(down.output == [1, 1, 2, 2] && down.overhang == Extent(0))
    }
}
