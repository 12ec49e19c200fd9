import Nets
import Tensors
import TestSupport
import Testing

struct ArgMaxLayerTests {
    private func net(_ parameter: String, shape: Shape = [2, 3, 2]) -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "ArgMax" bottom: "x" top: "y" argmax_param { \#(parameter) } }"#
    }

    private func output(_ parameter: String, _ x: [Float]) throws -> (shape: Shape, values: [Float]) {
        let net = try TestNet.make(net(parameter))
        net.input("x").copyData(from: x)
        try net.forward()
        return (net.known("y").shape, net.known("y").dataArray)
    }

    private let x: [Float] = [1, 5, 2, 4, 3, 0, -1, -2, -3, -6, -5, -4]

    @Test(
        arguments: [
            ("", [2, 1, 1], [1, 0]), ("top_k: 2", [2, 1, 2], [1, 3, 0, 1]),
            ("top_k: 2 out_max_val: true", [2, 2, 2], [1, 3, 5, 4, 0, 1, -1, -2]),
            ("axis: 1", [2, 1, 2], [2, 0, 0, 0]), ("axis: 1 out_max_val: true", [2, 1, 2], [3, 5, -1, -2]),
            ("axis: 1 top_k: 2", [2, 2, 2], [2, 0, 1, 1, 0, 0, 1, 2]), ("axis: -1", [2, 3, 1], [1, 1, 0, 0, 0, 1]),
        ] as [(String, Shape, [Float])])
    func findsTheLargest(parameter: String, shape: Shape, values: [Float]) throws {
        let found = try output(parameter, x)
        #expect(found.shape == shape)
        #expect(found.values == values)
    }

    @Test func ofEqualsTheLastComesFirst() throws {
        #expect(try output("top_k: 3", Array(repeating: 7, count: 12)).values == [5, 4, 3, 5, 4, 3])
    }

    @Test func passesNoGradient() throws {
        #expect(try TestNet.make(net(""), forceBackward: true).step(named: "L")?.propagateDown == [false])
    }

    @Test func agreesWithCaffe() throws {
        #expect(try GoldenLayerCheck("argmax", phase: .test).mismatches() == [])
    }

    @Test func refusesMoreThanThereAre() throws {
        #expect(
            try TestNet.fault(net("top_k: 7"))
                == "layer L (ArgMax): top_k must be 1 to 6, the numbers to choose from, found 7")
    }

    @Test func refusesSamplesOfWhichARankHasAPart() throws {
        #expect(
            try TestNet.fault(net("axis: 0"), NetContext(phase: .train, globalBatch: 4, shard: 0..<2))
                == "layer L (ArgMax): can't look along axis 0, the samples, since each rank has only a part of them")
    }
}
