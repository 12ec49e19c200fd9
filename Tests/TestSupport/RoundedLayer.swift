package import Nets
package import Tensors

/// What a layer "L" from input "x" to "y" with weights and bias gives in a precision, on values that are the same in all.
package struct RoundedLayer {
    private let results: [(name: String, values: [Float])]

    package init(_ prototxt: String, engine: NetContext.Engine, _ precision: Precision) throws {
        let context = NetContext(phase: .train, defaultEngine: engine, precision: precision)
        let net = try TestNet.make(prototxt, context, forceBackward: true)
        net.parameters.fill(seed: 3)
        let (x, y) = (net.input("x"), net.known("y"))
        x.copyData(from: TestValues.uniform(x.count))
        try net.forward()
        y.setPlainDiff(TestValues.uniform(y.count, seed: 2))
        net.parameters.clearGradients()
        try net.backward()
        let parameters = net.parameters.parameters.map(\.blob)
        results = [
            ("y", y.plainData), ("dx", x.plainDiff), ("dw", parameters[0].diffArray), ("db", parameters[1].diffArray),
        ]
    }

    /// A sentence for each result that differs by more than `tolerance` times its largest value.
    package func mismatches(from other: RoundedLayer, tolerance: Float) -> [String] {
        zip(results, other.results).compactMap {
            Compare.mismatch($0.name, $0.values, $1.values, tolerance: tolerance)
        }
    }

    /// The results that differ by more than float32 does.
    package func differing(from other: RoundedLayer) -> [String] {
        zip(results, other.results).filter { Compare.mismatch($0.name, $0.values, $1.values, tolerance: 1e-4) != nil }
            .map(\.0.name)
    }
}
