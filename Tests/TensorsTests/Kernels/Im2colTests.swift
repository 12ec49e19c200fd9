import Tensors
import Testing

@Suite struct Im2colTests {
    @Test(arguments: ConvolutionGeometry.samples)
    func unrollsAndFolds(_ geometry: ConvolutionGeometry) {
        let (from, to, kernel) = (geometry.input, geometry.output, geometry.kernel)
        let image = Reference.values(from.count(from: 1), "image")
        let pixels = to[2] * to[3]
        let count = from[1] * kernel.height * kernel.width * pixels
        let weights = Reference.values(count, "columns")
        var expected = [Float](repeating: 0, count: count)
        var folded = [Double](repeating: 0, count: image.count)
        for index in 0..<count {
            let (row, pixel) = (index / pixels, index % pixels)
            let (j, i) = (row % kernel.width, row / kernel.width % kernel.height)
            let channel = row / (kernel.width * kernel.height)
            let y = pixel / to[3] * geometry.stride.height - geometry.pad.height + i * geometry.dilation.height
            let x = pixel % to[3] * geometry.stride.width - geometry.pad.width + j * geometry.dilation.width
            if y < 0 || y >= from[2] || x < 0 || x >= from[3] { continue }
            let at = (channel * from[2] + y) * from[3] + x
            expected[index] = image[at]
            folded[at] += Double(weights[index])
        }
        var columns = [Float](repeating: .nan, count: count)
        var columnSpan = columns.mutableSpan
        Im2col.unroll(image.span, geometry, into: &columnSpan)
        #expect(columns == expected)
        var sum = [Float](repeating: .nan, count: image.count)
        var sumSpan = sum.mutableSpan
        Im2col.fold(weights.span, geometry, into: &sumSpan)
        #expect(Reference.deviation(sum, folded) < 1e-6)
    }
}
