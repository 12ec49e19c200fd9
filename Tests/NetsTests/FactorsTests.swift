import Nets
import Tensors
import TestSupport
import Testing

@Suite struct FactorsTests {
    private static let text =
        TestNet.input("x", [6, 5]) + TestNet.input("y", [6, 5]) + TestNet.input("t", [6, 4])

    private static func layer(_ name: String, _ bottom: String, _ top: String, transpose: Bool, shared: Bool) -> String
    {
        """
        layer { name: "\(name)" type: "InnerProduct" bottom: "\(bottom)" top: "\(top)"
          \(shared ? #"param { name: "w" } param { name: "b" }"# : "")
          inner_product_param { num_output: 4 transpose: \(transpose) weight_filler { type: "xavier" } } }
        layer { name: "loss_\(name)" type: "EuclideanLoss" bottom: "\(top)" bottom: "t" top: "loss_\(name)" }

        """
    }

    /// Forward and backward; what the weights' and the bias's gradients are, by factors or made by backward.
    private func gradients(transpose: Bool, shared: Bool, byFactors: Bool, subBatches: Int = 1) throws -> [[Float]] {
        let net = try TestNet.make(
            Self.text + Self.layer("a", "x", "h", transpose: transpose, shared: shared)
                + Self.layer("b", "y", "g", transpose: transpose, shared: shared))
        net.parameters.fill(seed: 5)
        let factors = byFactors ? net.factorPlans.map { net.keepFactors($0, subBatches: subBatches) } : []
        #expect(!byFactors || factors.count == (shared ? 1 : 2))
        net.parameters.clearGradients()
        for subBatch in 0..<subBatches {
            for (index, blob) in net.inputs.enumerated() {
                blob.copyData(from: TestValues.uniform(blob.count, seed: UInt64(10 * subBatch + index)))
            }
            try net.forward()
            try net.backward()
        }
        return net.parameters.parameters.map { parameter in
            parameter.sumRows()
            guard case .factors(let factors) = parameter.form else { return parameter.blob.diffArray }
            #expect(factors.isComplete)
            return Self.whole(factors)
        }
    }

    private static func whole(_ factors: Factors) -> [Float] {
        let gradient = FloatStorage(count: factors.leftWidth * factors.rightWidth)
        for start in 0..<factors.leftWidth {
            gradient.withMutableSpan { span in
                var row = span._mutatingExtracting(start * factors.rightWidth..<(start + 1) * factors.rightWidth)
                factors.gradient(ofRows: start..<start + 1, into: &row)
            }
        }
        return gradient.array(0..<gradient.count)
    }

    @Test(arguments: [false, true], [false, true])
    func theirProductIsTheGradient(transpose: Bool, shared: Bool) throws {
        for subBatches in [1, 3] {
            let expected = try gradients(transpose: transpose, shared: shared, byFactors: false, subBatches: subBatches)
            let found = try gradients(transpose: transpose, shared: shared, byFactors: true, subBatches: subBatches)
            #expect(found.count == expected.count)
            for (found, expected) in zip(found, expected) {
                #expect(Compare.mismatch("gradient", found, expected, tolerance: 1e-5) == nil)
            }
        }
    }

    @Test func knowTheNormOfTheProduct() throws {
        let factors = Factors(leftWidth: 7, rightWidth: 30, blocks: 1, rows: 5, shard: 0..<5)
        factors.left.copy(TestValues.uniform(35, seed: 1))
        factors.right.copy(TestValues.uniform(150, seed: 2))
        let expected = Self.whole(factors).reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(factors.sumOfSquares() - expected) < 1e-5 * expected)
    }

    /// Rows of the global batch; this shard writes its own only.
    @Test func aShardKeepsItsRows() throws {
        let context = NetContext(phase: .train, globalBatch: 8, shard: 2..<8)
        let net = try TestNet.make(Self.text + Self.layer("a", "x", "h", transpose: false, shared: false), context)
        let plan = try #require(net.factorPlans.first)
        #expect(plan.rows == 8 && plan.shard == 2..<8 && plan.leftWidth == 4 && plan.rightWidth == 5)
        let factors = net.keepFactors(plan, subBatches: 1)
        let x = TestValues.uniform(30, seed: 3)
        net.input("x").copyData(from: x)
        try net.forward()
        try net.backward()
        #expect(factors.right.array(0..<40) == [Float](repeating: 0, count: 10) + x)
    }

    /// Two passes of a shard in two pieces, of weights that two layers use: the rows stand in the order of samples.
    @Test func piecesOfAShardStandInTheOrderOfSamples() throws {
        let context = NetContext(phase: .train, globalBatch: 24, shard: 12..<18, wholeShard: 12..<24)
        let net = try TestNet.make(
            Self.text + Self.layer("a", "x", "h", transpose: false, shared: true)
                + Self.layer("b", "y", "g", transpose: false, shared: true), context)
        let plan = try #require(net.factorPlans.first)
        #expect(plan.rows == 24 && plan.shard == 12..<24 && plan.pieces == 2 && plan.uses == 2)
        let factors = net.keepFactors(plan, subBatches: 1)
        let (x, y) = (TestValues.uniform(60, seed: 3), TestValues.uniform(60, seed: 4))
        for pass in 0..<2 {
            #expect(!factors.isComplete)
            net.parameters.clearGradients(keepingFactors: pass > 0)
            net.input("x").copyData(from: Array(x[30 * pass..<30 * (pass + 1)]))
            net.input("y").copyData(from: Array(y[30 * pass..<30 * (pass + 1)]))
            try net.forward()
            try net.backward()
        }
        #expect(factors.isComplete)
        let others = [Float](repeating: 0, count: 60)
        #expect(factors.right.array(0..<240) == others + y + others + x)
    }

    @Test func otherUsesOfTheWeightsForbidThem() throws {
        let scaled = try TestNet.make(
            TestNet.input("x", [3, 4]) + TestNet.input("t", [3, 4]) + TestNet.input("u", [3, 1])
                + """
                layer { name: "a" type: "InnerProduct" bottom: "x" top: "h" param { name: "w" }
                  inner_product_param { num_output: 1 bias_term: false } }
                layer { name: "s" type: "Scale" bottom: "x" top: "k" param { name: "w" share_mode: PERMISSIVE }
                  scale_param { axis: 1 } }
                layer { name: "la" type: "EuclideanLoss" bottom: "h" bottom: "u" top: "l1" }
                layer { name: "lb" type: "EuclideanLoss" bottom: "k" bottom: "t" top: "l2" }
                """)
        #expect(scaled.factorPlans.isEmpty)
    }
}
