import Nets
import Tensors

/// Checks a layer that applies one function to each number, for several settings of its parameter.
package struct FunctionLayerCheck: Sendable {
    /// What the layer's parameter says, the function of x that it makes, and its derivative.
    package struct Case: Sendable {
        let parameter: String
        let value: @Sendable (Double) -> Double
        let derivative: @Sendable (Double) -> Double

        package init(
            parameter: String, value: @escaping @Sendable (Double) -> Double,
            derivative: @escaping @Sendable (Double) -> Double
        ) {
            self.parameter = parameter
            self.value = value
            self.derivative = derivative
        }
    }

    private let type: String
    private let cases: [Case]
    /// Away from the function's kinks.
    private let x: [Float]

    package init(_ type: String, _ cases: [Case], on range: ClosedRange<Float>, kinks: [Float] = []) {
        self.type = type
        self.cases = cases
        x = TestValues.uniform(60, range, kinks: kinks)
    }

    package var indices: Range<Int> { cases.indices }

    /// The net of one layer "L" from "x" to `top`.
    package func net(_ parameter: String, top: String = "y") -> String {
        TestNet.input("x", [3, 4, 5])
            + #"layer { name: "L" type: "\#(type)" bottom: "x" top: "\#(top)" \#(parameter) }"#
    }

    /// One sentence for each of y and dx that is not the case's function, or derivative times dy; `top` "x" is in place.
    package func mismatches(_ index: Int, top: String) throws -> [String] {
        let (function, dy) = (cases[index], TestValues.uniform(60, seed: 2))
        let net = try TestNet.make(net(function.parameter, top: top), forceBackward: true)
        net.input("x").copyData(from: x)
        try net.forward()
        let y = x.map { Float(function.value(Double($0))) }
        let forward = Compare.mismatch("y", net.known(top).dataArray, y)
        net.known(top).copyDiff(from: dy)
        try net.backward()
        let dx = zip(x, dy).map { Float(Double($1) * function.derivative(Double($0))) }
        return [forward, Compare.mismatch("dx", net.input("x").diffArray, dx)].compactMap(\.self)
    }

    /// One sentence for each gradient that differs from central differences.
    package func gradientMismatches(_ index: Int) throws -> [String] {
        let checker = try GradientChecker(net(cases[index].parameter))
        checker.set("x", x)
        return try checker.mismatches()
    }
}
