import Foundation
import Tensors
import Testing

@Suite struct DNNLLRNTests {
    struct Case: Sendable {
        let shape: Shape
        let layout: Layout
        let size: Int
        let alpha: Float
        let beta: Float
        let k: Float
    }

    static let cases: [Case] = [
        .init(shape: [2, 32, 5, 6], layout: .blocked(16), size: 5, alpha: 1e-4, beta: 0.75, k: 1),
        .init(shape: [2, 32, 5, 6], layout: .blocked(8), size: 5, alpha: 0.5, beta: 0.75, k: 1),
        .init(shape: [2, 96, 3, 3], layout: .blocked(16), size: 5, alpha: 0.5, beta: 0.75, k: 2),
        .init(shape: [2, 12, 4, 4], layout: .blocked(16), size: 5, alpha: 0.5, beta: 0.75, k: 1),
        .init(shape: [2, 7, 4, 4], layout: .plain, size: 3, alpha: 2, beta: 0.5, k: 1),
        .init(shape: [1, 16, 1, 9], layout: .plain, size: 5, alpha: 1, beta: 0.75, k: 1),
        .init(shape: [3, 48, 2, 2], layout: .blocked(16), size: 7, alpha: 1, beta: 0.6, k: 1.5),
    ]

    @Test(arguments: cases)
    func isTheFormulaAndItsDerivative(_ it: Case) throws {
        let values = Reference.values(it.shape.count, "values").map { 3 * $0 }
        let gradient = Reference.values(it.shape.count, "gradient")
        let source = Reference.blob(it.shape, it.layout, data: values)
        let destination = Reference.blob(it.shape, it.layout, diff: gradient)
        let lrn = try DNNLLRN(
            it.shape, layout: it.layout, size: it.size, alpha: it.alpha, beta: it.beta, k: it.k)
        try lrn.forward(source: source, destination: destination)
        try lrn.backward(destination: destination, source: source)
        let (output, inputDiff) = Self.expected(it, values, gradient)
        #expect(Reference.deviation(Reference.data(destination), output) < 1e-5)
        #expect(Reference.deviation(Reference.diff(source), inputDiff) < 1e-5)
    }

    @Test(.enabled(if: Precision.bf16.isHere), arguments: cases.filter { $0.layout == .blocked(16) && $0.size == 5 })
    func normalisesBFloat16(_ it: Case) throws {
        let values = Reference.bfloat16Values(it.shape.count, "values")
        let gradient = Reference.bfloat16Values(it.shape.count, "gradient")
        let layout = it.layout.of(.bf16)
        let source = Reference.blob(it.shape, layout, data: values)
        let destination = Reference.blob(it.shape, layout, diff: gradient)
        let lrn = try DNNLLRN(it.shape, layout: layout, size: it.size, alpha: it.alpha, beta: it.beta, k: it.k)
        try lrn.forward(source: source, destination: destination)
        try lrn.backward(destination: destination, source: source)
        let (output, inputDiff) = Self.expected(it, values, gradient)
        #expect(Reference.deviation(Reference.data(destination), output) < Reference.bfloat16Rounding)
        #expect(Reference.deviation(Reference.diff(source), inputDiff) < 2 * Reference.bfloat16Rounding)
    }

    private static func expected(_ it: Case, _ values: [Float], _ gradient: [Float]) -> ([Double], [Double]) {
        let area = it.shape[2] * it.shape[3]
        let (alpha, beta, k) = (Double(it.alpha) / Double(it.size), Double(it.beta), Double(it.k))
        func neighbours(_ index: Int) -> [Int] {
            let channel = index / area % it.shape[1]
            let range = max(0, channel - it.size / 2)...min(it.shape[1] - 1, channel + it.size / 2)
            return range.map { index + ($0 - channel) * area }
        }
        let x = values.map(Double.init)
        let scale = x.indices.map { i in k + alpha * neighbours(i).map { x[$0] * x[$0] }.reduce(0, +) }
        let output = x.indices.map { x[$0] * pow(scale[$0], -beta) }
        let inputDiff = x.indices.map { i in
            Double(gradient[i]) * pow(scale[i], -beta) - 2 * alpha * beta * x[i]
                * neighbours(i).map { Double(gradient[$0]) * output[$0] / scale[$0] }.reduce(0, +)
        }
        return (output, inputDiff)
    }
}
