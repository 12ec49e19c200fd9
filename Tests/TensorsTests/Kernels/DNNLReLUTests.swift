import Tensors
import Testing

@Suite struct DNNLReLUTests {
    @Test(arguments: [Layout.plain, .blocked(16)], [Float(0), 0.25])
    func isTheRectifierAndItsDerivative(_ layout: Layout, _ slope: Float) throws {
        let shape: Shape = [2, 20, 5, 3]
        let values = Reference.values(shape.count, "values")
        let gradient = Reference.values(shape.count, "gradient")
        let expected = values.map { $0 > 0 ? $0 : slope * $0 }
        let expectedDiff = zip(values, gradient).map { $0 > 0 ? $1 : slope * $1 }
        let relu = try DNNLReLU(shape, layout: layout, negativeSlope: slope)

        let source = Reference.blob(shape, layout, data: values)
        let destination = Reference.blob(shape, layout, diff: gradient)
        try relu.forward(source: source, destination: destination)
        try relu.backward(destination: destination, source: source)
        #expect(Reference.data(destination) == expected)
        #expect(Reference.diff(source) == expectedDiff)

        let both = Reference.blob(shape, layout, data: values, diff: gradient)
        try relu.forward(source: both, destination: both)
        try relu.backward(destination: both, source: both)
        #expect(Reference.data(both) == expected)
        #expect(Reference.diff(both) == expectedDiff)
    }
}
