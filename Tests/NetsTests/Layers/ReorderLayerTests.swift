import Nets
import Tensors
import TestSupport
import Testing

struct ReorderLayerTests {
    private func reorders(_ net: Net) -> [String] {
        net.steps.filter { $0.layer is ReorderLayer }.map { "\($0.bottom[0].layout) to \($0.top[0].layout)" }
    }

    private let convolutions =
        TestNet.input("x", [2, 32, 6, 6]) + """
            layer { name: "a" type: "Convolution" bottom: "x" top: "a"
              convolution_param { num_output: 32 kernel_size: 3 weight_filler { type: "xavier" } } }
            layer { name: "r" type: "ReLU" bottom: "a" top: "a" relu_param { negative_slope: 0.9 } }
            layer { name: "b" type: "Convolution" bottom: "a" top: "b"
              convolution_param { num_output: 32 kernel_size: 3 weight_filler { type: "xavier" } } }

            """

    @Test func netPutsThemOnlyWhereLayoutsDiffer() throws {
        let net = try TestNet.make(convolutions, NetContext(phase: .train, defaultEngine: .dnnl))
        guard case .blocked(let block)? = net.step(named: "b")?.bottom[0].layout else {
            // A machine whose oneDNN likes plain layouts has no need of any.
            #expect(reorders(net) == [])
            return
        }
        #expect(reorders(net) == ["plain to blocked \(block)", "blocked \(block) to plain"])
        #expect(net.known("b").layout == .plain)
    }

    @Test func bothPassesAgreeWithANetWithoutThem() throws {
        func run(_ engine: NetContext.Engine) throws -> (y: [Float], dx: [Float]) {
            let net = try TestNet.make(
                convolutions, NetContext(phase: .train, defaultEngine: engine), forceBackward: true)
            net.parameters.fill(seed: 1)
            net.input("x").copyData(from: TestValues.uniform(2 * 32 * 36))
            try net.forward()
            net.known("b").copyDiff(from: TestValues.uniform(net.known("b").count, seed: 2))
            try net.backward()
            return (net.known("b").dataArray, net.input("x").diffArray)
        }
        let (plain, reordered) = (try run(.caffe), try run(.dnnl))
        #expect(Compare.mismatch("y", reordered.y, plain.y) == nil)
        #expect(Compare.mismatch("dx", reordered.dx, plain.dx) == nil)
    }

    @Test func definitionMayNotHaveThem() throws {
        #expect(
            try TestNet.fault(
                TestNet.input("x", [1, 2]) + #"layer { name: "L" type: "Reorder" bottom: "x" top: "y" }"#)
                == "layer L (Reorder): is put by the net itself where layouts differ; take it out of the definition")
    }
}
