import Nets
import Tensors
import TestSupport
import Testing

struct EmbedLayerTests {
    private func net(_ parameter: String = "num_output: 3 input_dim: 5") -> String {
        let fillers = #"weight_filler { type: "gaussian" } bias_filler { type: "uniform" min: -1 max: 1 }"#
        return TestNet.input("x", [2, 3])
            + #"layer { name: "L" type: "Embed" bottom: "x" top: "y" embed_param { \#(parameter) \#(fillers) } }"#
    }

    private let x: [Float] = [0, 4, 2, 2, 1, 4]

    @Test(arguments: [true, false]) func looksRowsUp(hasBias: Bool) throws {
        let net = try TestNet.make(net("num_output: 3 input_dim: 5 bias_term: \(hasBias)"))
        net.parameters.fill(seed: 2)
        net.input("x").copyData(from: x)
        try net.forward()
        let parameters = net.parameters.parameters.map(\.blob.dataArray)
        #expect(net.known("y").shape == [2, 3, 3])
        let expected = x.flatMap { row in
            (0..<3).map { parameters[0][Int(row) * 3 + $0] + (hasBias ? parameters[1][$0] : 0) }
        }
        #expect(net.known("y").dataArray == expected)
    }

    @Test func gradientAgreesWithDifferences() throws {
        let checker = try GradientChecker(net())
        checker.set("x", x)
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: [-1, 5] as [Float]) func refusesARowThatIsNotThere(row: Float) throws {
        let net = try TestNet.make(net())
        net.input("x").copyData(from: [0, 0, row, 0, 0, 0])
        let error = #expect(throws: NetError.self) { try net.forward() }
        #expect(
            error?.description
                == "layer L (Embed): \(row) of \"x\" is no row of its table: input_dim is 5, so it must be 0 to 4")
    }

    @Test func refusesAnEmptyTable() throws {
        #expect(
            try TestNet.fault(net("num_output: 3"))
                == "layer L (Embed): has num_output 3 and input_dim 0; both must be 1 or more")
    }
}
