import Nets
import Tensors
import TestSupport
import Testing

struct NormalizeLayerTests {
    private func net(_ parameter: String = "", shape: Shape = [2, 3, 2, 2]) -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "Normalize" bottom: "x" top: "y" norm_param { \#(parameter) } }"#
    }

    private let uniform = #"scale_filler { type: "uniform" min: 0.5 max: 2 }"#

    @Test(arguments: [false, true], [false, true]) func scalesToLengthOne(isAcross: Bool, isShared: Bool) throws {
        let net = try TestNet.make(net("across_spatial: \(isAcross) channel_shared: \(isShared) \(uniform)"))
        net.parameters.fill(seed: 2)
        let x = TestValues.uniform(24)
        net.input("x").copyData(from: x)
        try net.forward()
        let scales = net.parameters.parameters[0].blob.dataArray
        #expect(scales.count == (isShared ? 1 : 3))
        let expected = x.indices.map { index in
            let together = x.indices.filter { $0 / 12 == index / 12 && (isAcross || $0 % 4 == index % 4) }
            let length = together.reduce(Float(0)) { $0 + x[$1] * x[$1] }.squareRoot()
            return scales[isShared ? 0 : index / 4 % 3] * x[index] / length
        }
        #expect(Compare.mismatch("y", net.known("y").dataArray, expected) == nil)
    }

    @Test(arguments: [false, true], [false, true])
    func gradientAgreesWithDifferences(isAcross: Bool, isShared: Bool) throws {
        let checker = try GradientChecker(net("across_spatial: \(isAcross) channel_shared: \(isShared) \(uniform)"))
        checker.set("x", TestValues.uniform(24, kinks: [0], distance: 0.3))
        #expect(try checker.mismatches() == [])
    }

    @Test func takesEmbeddings() throws {
        let net = try TestNet.make(net("across_spatial: false", shape: [2, 4]), forceBackward: true)
        net.parameters.fill(seed: 1)
        net.input("x").copyData(from: [3, 0, 4, 0, 0, 0, 0, 0])
        try net.forward()
        #expect(Compare.mismatch("y", net.known("y").dataArray, [0.6, 0, 0.8, 0, 0, 0, 0, 0]) == nil)
        net.known("y").copyDiff(from: Array(repeating: 1, count: 8))
        try net.backward()
        #expect(net.input("x").diffArray.allSatisfy { $0.isFinite })
    }

    @Test func refusesWhatHasNoChannels() throws {
        #expect(
            try TestNet.fault(net(shape: [4])) == "layer L (Normalize): needs a bottom of N × C × …, but \"x\" is 4")
    }
}
