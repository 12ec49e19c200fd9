import Foundation
import Nets
import Tensors
import TestSupport
import Testing

struct BatchNormLayerTests {
    private func net(_ parameter: String = "", rest: String = "", samples: Int = 4, top: String = "y") -> String {
        let layer = #"name: "L" type: "BatchNorm" bottom: "x" top: "\#(top)""#
        return TestNet.input("x", [samples, 2, 3]) + "layer { \(layer) \(rest) batch_norm_param { \(parameter) } }"
    }

    private let x = TestValues.uniform(24, -1...3)

    /// Mean and variance of a channel of x.
    private func statistics(_ channel: Int) -> (mean: Double, variance: Double) {
        let values = x.indices.filter { $0 / 3 % 2 == channel }.map { Double(x[$0]) }
        let mean = values.reduce(0, +) / 12
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12)
    }

    private func normalized(eps: Double = 1e-5) -> [Float] {
        x.indices.map { index in
            let (mean, variance) = statistics(index / 3 % 2)
            return Float((Double(x[index]) - mean) / (variance + eps).squareRoot())
        }
    }

    @Test(arguments: ["x", "y"]) func trainingUsesTheBatch(top: String) throws {
        let net = try TestNet.make(net("eps: 0.1", top: top))
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(Compare.mismatch("y", net.known(top).dataArray, normalized(eps: 0.1)) == nil)
    }

    @Test func trainingKeepsRunningSums() throws {
        let net = try TestNet.make(net("moving_average_fraction: 0.5"))
        net.input("x").copyData(from: x)
        for _ in 0..<2 { try net.forward() }
        let found = net.parameters.parameters.map(\.blob.dataArray)
        let expected = (0..<2).map(statistics)
        #expect(Compare.mismatch("means", found[0], expected.map { Float(1.5 * $0.mean) }) == nil)
        #expect(Compare.mismatch("variances", found[1], expected.map { Float(1.5 * $0.variance * 12 / 11) }) == nil)
        #expect(found[2] == [1.5])
    }

    @Test(arguments: [("", NetContext.Phase.test), ("use_global_stats: true", .train)])
    func testingUsesTheRunningSums(parameter: String, phase: NetContext.Phase) throws {
        let net = try TestNet.make(net(parameter), NetContext(phase: phase))
        let running: [[Float]] = [[1, -2], [4, 0.5], [2]]
        for (parameter, values) in zip(net.parameters.parameters, running) { parameter.blob.copyData(from: values) }
        net.input("x").copyData(from: x)
        try net.forward()
        let expected = x.indices.map { index in
            let channel = index / 3 % 2
            return (x[index] - running[0][channel] / 2) / (running[1][channel] / 2 + 1e-5).squareRoot()
        }
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
        #expect(net.parameters.parameters.map(\.blob.dataArray) == running)
    }

    @Test(arguments: ["", "eps: 0.5", "use_global_stats: true"])
    func gradientAgreesWithDifferences(parameter: String) throws {
        let checker = try GradientChecker(net(parameter), threshold: 2e-2)
        checker.set("x", x)
        if parameter.contains("global") {
            for parameter in checker.net.parameters.parameters {
                parameter.blob.copyData(from: Array(repeating: 2, count: parameter.shape.count))
            }
        }
        #expect(try checker.mismatches() == [])
    }

    /// What a shard of the batch has after a forward and a backward pass: y, dx, and the running sums.
    private func run(_ shard: Range<Int>, _ reducer: any BatchReducer, top: String) throws -> [[Float]] {
        let context = NetContext(phase: .train, globalBatch: 4, shard: shard, reducer: reducer)
        let net = try TestNet.make(net(samples: shard.count, top: top), context, forceBackward: true)
        let floats = shard.lowerBound * 6..<shard.upperBound * 6
        net.input("x").copyData(from: Array(x[floats]))
        try net.forward()
        let y = net.known(top).dataArray
        net.known(top).copyDiff(from: Array(TestValues.uniform(24, seed: 3)[floats]))
        try net.backward()
        return [y, net.input("x").diffArray] + net.parameters.parameters.map(\.blob.dataArray)
    }

    @Test(arguments: [1, 2], ["x", "y"]) func shardsAreTheBatch(cut: Int, top: String) throws {
        let whole = try run(0..<4, OwnBatch(), top: top)
        let parts = try ShardedRun.results([0..<cut, cut..<4]) { try run($0, $1, top: top) }
        #expect(Compare.mismatch("y", parts[0][0] + parts[1][0], whole[0]) == nil)
        #expect(Compare.mismatch("dx", parts[0][1] + parts[1][1], whole[1]) == nil)
        for index in 2..<5 {
            // The same bits on all ranks, and within rounding those of the whole batch on one.
            #expect(parts[0][index] == parts[1][index])
            #expect(Compare.mismatch("running \(index)", parts[0][index], whole[index]) == nil)
        }
    }

    @Test func statisticsDoNotLearn() throws {
        let net = try TestNet.make(net())
        #expect(net.parameters.parameters.map(\.learningRateMultiplier) == [0, 0, 0])
        #expect(net.step(named: "L")?.layer.definition.param.map(\.lrMult) == [0, 0, 0])
    }

    @Test(arguments: [("batchnorm_TRAIN", NetContext.Phase.train), ("batchnorm_TEST", .test)])
    func agreesWithCaffe(name: String, phase: NetContext.Phase) throws {
        #expect(try GoldenLayerCheck(name, phase: phase).mismatches() == [])
    }

    @Test func refusesToLearn() throws {
        #expect(
            try TestNet.fault(net(rest: "param { lr_mult: 1 }"))
                == "layer L (BatchNorm): its three parameters are statistics and no weights; leave out its `param`, or "
                + "give each lr_mult: 0")
    }
}
