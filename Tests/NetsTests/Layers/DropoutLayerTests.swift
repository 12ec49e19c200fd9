import Nets
import Tensors
import TestSupport
import Testing

struct DropoutLayerTests {
    private func net(_ shape: Shape, ratio: Float = 0.3, top: String = "y", name: String = "L") -> String {
        TestNet.input("x", shape)
            + #"layer { name: "\#(name)" type: "Dropout" bottom: "x" top: "\#(top)" dropout_param { dropout_ratio: \#(ratio) } }"#
    }

    /// y for x = 1 of a shard.
    private func forward(
        _ shape: Shape, ratio: Float = 0.3, top: String = "y", name: String = "L", seed: UInt64 = 1,
        globalBatch: Int? = nil, shard: Range<Int>? = nil, firstPosition: Int = 0
    ) throws -> [Float] {
        let context = NetContext(phase: .train, seed: seed, globalBatch: globalBatch, shard: shard)
        let net = try TestNet.make(net(shape, ratio: ratio, top: top, name: name), context)
        net.input("x").copyData(from: Array(repeating: 1, count: shape.count))
        context.firstPosition = firstPosition
        try net.forward()
        return net.known(top).dataArray
    }

    @Test(arguments: [0.1, 0.5, 0.9] as [Float])
    func keepsTheMean(ratio: Float) throws {
        let y = try forward([8, 50, 51], ratio: ratio)
        let scale = 1 / (1 - ratio)
        #expect(y.allSatisfy { $0 == 0 || $0 == scale })
        let dropped = Double(y.count { $0 == 0 }) / Double(y.count)
        // Six standard deviations of a binomial share.
        #expect(abs(dropped - Double(ratio)) < 6 * (0.25 / Double(y.count)).squareRoot())
    }

    @Test func everySampleHasItsOwnMaskInEveryIteration() throws {
        let first = try forward([2, 64])
        #expect(first[..<64] != first[64...])
        #expect(try forward([2, 64], firstPosition: 2) != first)
        #expect(try forward([2, 64], seed: 2) != first)
        #expect(try forward([2, 64], name: "M") != first)
        #expect(try forward([2, 64]) == first)
        #expect(try forward([2, 64], top: "x") == first)
    }

    @Test(arguments: [1, 3, 7, 64])
    func aShardHasTheMaskOfItsSamples(length: Int) throws {
        let whole = try forward([5, length], ratio: 0.5, globalBatch: 5, firstPosition: 20)
        let left = try forward([2, length], ratio: 0.5, globalBatch: 5, shard: 0..<2, firstPosition: 20)
        let right = try forward([3, length], ratio: 0.5, globalBatch: 5, shard: 2..<5, firstPosition: 22)
        #expect(left + right == whole)
    }

    @Test func bothTowersOfAJoinedBatchAreShardedAlike() throws {
        let length = 9
        let whole = try forward([10, length], ratio: 0.5, globalBatch: 5)
        let left = try forward([4, length], ratio: 0.5, globalBatch: 5, shard: 0..<2)
        let right = try forward([6, length], ratio: 0.5, globalBatch: 5, shard: 2..<5, firstPosition: 2)
        #expect(left[..<18] + right[..<27] == whole[..<45])
        #expect(left[18...] + right[27...] == whole[45...])
        #expect(whole[..<45] != whole[45...])
    }

    @Test(arguments: ["x", "y"])
    func backwardUsesTheMaskOfForward(top: String) throws {
        let context = NetContext(phase: .train)
        let net = try TestNet.make(net([4, 33], top: top), context, forceBackward: true)
        net.input("x").copyData(from: Array(repeating: 1, count: 132))
        context.firstPosition = 40
        try net.forward()
        let (mask, dy) = (net.known(top).dataArray, TestValues.uniform(132))
        net.known(top).copyDiff(from: dy)
        try net.backward()
        #expect(net.input("x").diffArray == zip(mask, dy).map { $0 == 0 ? 0 : $0 * $1 })
    }

    @Test func gradientAgreesWithDifferences() throws {
        #expect(try GradientChecker(net([4, 9])).mismatches() == [])
    }

    @Test func doesNothingInTesting() throws {
        let net = try TestNet.make(net([2, 5], ratio: 0.5), NetContext(phase: .test))
        let x = TestValues.uniform(10)
        net.input("x").copyData(from: x)
        try net.forward()
        #expect(net.known("y").dataArray == x)
        #expect(try GoldenLayerCheck("dropout_TEST", phase: .test).mismatches() == [])
    }

    @Test(arguments: [1, -0.1] as [Float])
    func refusesRatiosThatAreNone(ratio: Float) throws {
        #expect(
            try TestNet.fault(net([2, 5], ratio: ratio))
                == "layer L (Dropout): dropout_ratio must be at least 0 and below 1, found \(ratio)")
    }
}
