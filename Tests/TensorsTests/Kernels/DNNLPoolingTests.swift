import Tensors
import Testing

@Suite struct DNNLPoolingTests {
    struct Case: Sendable, CustomStringConvertible {
        let geometry: PoolingGeometry
        let layout: Layout
        var description: String { "\(geometry), \(layout)" }
    }

    static let cases: [Case] = [Layout.plain, .blocked(8), .blocked(16)].flatMap { layout in
        [
            PoolingGeometry(input: [2, 32, 13, 12], kernel: Extent(3), stride: Extent(2)),
            PoolingGeometry(input: [2, 20, 8, 7], kernel: Extent(2), stride: Extent(2)),
            PoolingGeometry(input: [2, 16, 9, 11], kernel: Extent(3), stride: Extent(2), pad: Extent(1)),
            PoolingGeometry(input: [2, 5, 6, 6], kernel: Extent(2), stride: Extent(2), pad: Extent(1)),
            PoolingGeometry(input: [1, 17, 9, 11], kernel: Extent(3), stride: Extent(2), roundsUp: false),
            PoolingGeometry(
                input: [1, 16, 9, 11], kernel: Extent(height: 3, width: 2), stride: Extent(height: 1, width: 3)),
            PoolingGeometry(input: [2, 16, 5, 7], kernel: Extent(height: 5, width: 7)),
            PoolingGeometry(input: [1, 16, 10, 10], kernel: Extent(2), stride: Extent(3)),
        ].map { Case(geometry: $0, layout: layout) }
    }

    /// Few different values, so that most windows have ties.
    private static func tied(_ count: Int) -> [Float] {
        Reference.values(count, "tied").map { ($0 * 2).rounded() - 3 }
    }

    @Test(arguments: cases, DNNLPooling.Method.allCases)
    func isCaffesRule(_ it: Case, _ method: DNNLPooling.Method) throws {
        let geometry = it.geometry
        guard let pooling = try DNNLPooling(exactly: method, geometry, layout: it.layout) else {
            #expect(method == .average && geometry.pad != Extent(0))
            return
        }
        let values = Self.tied(geometry.input.count)
        let gradient = Reference.values(geometry.output.count, "gradient")
        let source = Reference.blob(geometry.input, it.layout, data: values)
        let destination = Reference.blob(geometry.output, it.layout, diff: gradient)
        source.copyDiff(from: .init(repeating: .nan, count: source.storageCount))
        try pooling.forward(source: source, destination: destination)
        try pooling.backward(destination: destination, source: source)
        let (output, inputDiff) = Self.expected(geometry, method, values, gradient)
        #expect(Reference.deviation(Reference.data(destination), output) < 1e-6)
        #expect(Reference.deviation(Reference.diff(source), inputDiff) < 1e-6)
    }

    /// The maxima of bfloat16 numbers are some of them; gradients and means are rounded.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: cases.filter { $0.layout == .blocked(16) })
    func poolsBFloat16(_ it: Case) throws {
        for method in DNNLPooling.Method.allCases {
            let (geometry, layout) = (it.geometry, it.layout.of(.bf16))
            guard let pooling = try DNNLPooling(exactly: method, geometry, layout: layout) else { continue }
            let values = Self.tied(geometry.input.count)
            let gradient = Reference.bfloat16Values(geometry.output.count, "gradient")
            let source = Reference.blob(geometry.input, layout, data: values)
            let destination = Reference.blob(geometry.output, layout, diff: gradient)
            try pooling.forward(source: source, destination: destination)
            try pooling.backward(destination: destination, source: source)
            let (output, inputDiff) = Self.expected(geometry, method, values, gradient)
            let allowed = method == .max ? 0 : Reference.bfloat16Rounding
            #expect(Reference.deviation(Reference.data(destination), output) <= allowed)
            #expect(Reference.deviation(Reference.diff(source), inputDiff) < 2 * Reference.bfloat16Rounding)
        }
    }

    @Test func leavesWhatItCannotDoExactly() throws {
        let overhanging = PoolingGeometry(input: [1, 8, 6, 6], kernel: Extent(4), stride: Extent(3), pad: Extent(1))
        #expect(overhanging.overhang == Extent(3))
        #expect(try DNNLPooling(exactly: .average, overhanging, layout: .plain) == nil)
        #expect(try DNNLPooling(exactly: .max, overhanging, layout: .plain) != nil)
    }

    private static func expected(
        _ geometry: PoolingGeometry, _ method: DNNLPooling.Method, _ values: [Float], _ gradient: [Float]
    ) -> ([Double], [Double]) {
        let (from, to) = (geometry.input, geometry.output)
        var output = [Double](repeating: 0, count: to.count)
        var inputDiff = [Double](repeating: 0, count: from.count)
        for index in output.indices {
            let top = index / to[3] % to[2] * geometry.stride.height - geometry.pad.height
            let left = index % to[3] * geometry.stride.width - geometry.pad.width
            let bottom = min(top + geometry.kernel.height, from[2] + geometry.pad.height)
            let right = min(left + geometry.kernel.width, from[3] + geometry.pad.width)
            let divisor = Double((bottom - top) * (right - left))
            let plane = index / (to[2] * to[3]) * from[2] * from[3]
            var window: [Int] = []
            for row in max(0, top)..<min(bottom, from[2]) {
                for column in max(0, left)..<min(right, from[3]) { window.append(plane + row * from[3] + column) }
            }
            if method == .max {
                // The first of equals: only a greater one takes its place.
                let best = window.reduce(window[0]) { values[$1] > values[$0] ? $1 : $0 }
                output[index] = Double(values[best])
                inputDiff[best] += Double(gradient[index])
            } else {
                output[index] = window.map { Double(values[$0]) }.reduce(0, +) / divisor
                for i in window { inputDiff[i] += Double(gradient[index]) / divisor }
            }
        }
        return (output, inputDiff)
    }
}
