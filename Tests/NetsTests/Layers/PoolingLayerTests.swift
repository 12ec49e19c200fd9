import Nets
import Tensors
import TestSupport
import Testing

/// Both engines: `PoolingLayer` and `DNNLPoolingLayer`.
struct PoolingLayerTests {
    typealias Engine = NetContext.Engine

    private static let goldenKinds = [
        "k3s2", "k3s2p1", "k2s2", "hw", "floor", "global", "ceil_h4", "ceil_h5", "ceil_h6", "ceil_h8",
        "ceil_k2s2p1_h4", "ceil_k2s2p1_h5", "ceil_k2s2p1_h6", "ceil_k2s2p1_h8",
    ]

    private func net(_ parameter: String, shape: Shape = [2, 3, 5, 6], top: String = #"top: "y""#) -> String {
        TestNet.input("x", shape)
            + #"layer { name: "L" type: "Pooling" bottom: "x" \#(top) pooling_param { \#(parameter) } }"#
    }

    private func context(_ engine: Engine) -> NetContext { NetContext(phase: .train, defaultEngine: engine) }

    @Test(arguments: goldenKinds.flatMap { ["pool_MAX_\($0)", "pool_AVE_\($0)"] }, Engine.allCases)
    func agreesWithCaffe(name: String, engine: Engine) throws {
        #expect(try GoldenLayerCheck(name, engine: engine).mismatches() == [])
    }

    @Test(arguments: ["pool_MAX_ties", "pool_MAX_mask_top"], Engine.allCases)
    func agreesWithCaffeOnMaxima(name: String, engine: Engine) throws {
        #expect(try GoldenLayerCheck(name, engine: engine).mismatches() == [])
    }

    @Test(
        arguments: [
            "pool: AVE kernel_size: 3 stride: 2", "pool: AVE kernel_size: 2 stride: 2 pad: 1",
            "pool: AVE kernel_h: 2 kernel_w: 4 stride_h: 1 stride_w: 3 round_mode: FLOOR",
            "pool: AVE global_pooling: true", "pool: MAX kernel_size: 3 stride: 2 pad: 1",
            "pool: MAX kernel_size: 2 stride: 2",
        ], Engine.allCases)
    func gradientIsTheDerivative(parameter: String, engine: Engine) throws {
        let checker = try GradientChecker(net(parameter), context(engine))
        // Far apart, so that no step changes who is the largest.
        let order = Random(seed: 1, purpose: "pooling test").permutation(2 * 3 * 5 * 6)
        checker.set("x", order.map { Float($0) / 10 })
        #expect(try checker.mismatches() == [])
    }

    @Test(arguments: ["MAX", "AVE"], Engine.allCases)
    func forwardTakesEachWindow(method: String, engine: Engine) throws {
        let net = try TestNet.make(net("pool: \(method) kernel_size: 3 stride: 2 pad: 1"), context(engine))
        let x = TestValues.uniform(2 * 3 * 5 * 6)
        net.input("x").copyData(from: x)
        try net.forward()
        var expected: [Float] = []
        // Height: ⌈(5 + 2 − 3) / 2⌉ + 1 = 3; width: ⌈(6 + 2 − 3) / 2⌉ + 1 = 4.
        for plane in 0..<6 {
            for i in 0..<3 {
                for j in 0..<4 {
                    let (top, left) = (i * 2 - 1, j * 2 - 1)
                    var window: [Float] = []
                    for h in max(top, 0)..<min(top + 3, 5) {
                        for w in max(left, 0)..<min(left + 3, 6) { window.append(x[(plane * 5 + h) * 6 + w]) }
                    }
                    let cells = (min(top + 3, 6) - top) * (min(left + 3, 7) - left)
                    expected.append(
                        method == "MAX" ? window.reduce(-.infinity, max) : window.reduce(0, +) / Float(cells))
                }
            }
        }
        #expect(net.known("y").shape == [2, 3, 3, 4])
        #expect(Compare.mismatch("y", net.known("y").plainData, expected) == nil)
    }

    /// Caffe clips both axes where only one is padded.
    @Test(arguments: Engine.allCases)
    func dropsTheLastWindowOnBothAxes(engine: Engine) throws {
        let parameter = "pool: MAX kernel_h: 2 kernel_w: 1 stride: 2 pad_h: 1 pad_w: 0"
        #expect(try TestNet.make(net(parameter), context(engine)).known("y").shape == [2, 3, 3, 3])
    }

    @Test(
        arguments: [
            (
                "pool: STOCHASTIC kernel_size: 2",
                "has pool STOCHASTIC, which this program does not have; use MAX or AVE"
            ),
            ("pool: MAX", "needs kernel_size, or kernel_h and kernel_w, or global_pooling: true"),
            (
                "global_pooling: true kernel_size: 2",
                "has both global_pooling and a kernel; give one or the other"
            ),
            (
                "global_pooling: true stride: 2",
                "has global_pooling with pad 0×0 and stride 2×2; it takes no pad or stride"
            ),
            ("kernel_size: 2 pad: 2", "has pad 2×2, which must be less than its kernel, 2×2"),
            (
                "kernel_size: 6",
                "its kernel is 6×6, but bottom \"x\" has only 5×6, padded by 0×0; use a smaller kernel or larger images"
            ),
            (
                "kernel_size: 1 stride: 3",
                "its last window would lie outside of bottom \"x\" (2×3×5×6), since its stride 3×3 is larger than its "
                    + "kernel 1×1; use round_mode: FLOOR"
            ),
        ], Engine.allCases)
    func refuses(fault: (parameter: String, message: String), engine: Engine) throws {
        #expect(try TestNet.fault(net(fault.parameter), context(engine)) == "layer L (Pooling): \(fault.message)")
    }

    @Test func refusesSecondTopOfAverage() throws {
        #expect(
            try TestNet.fault(net("pool: AVE kernel_size: 2", top: #"top: "y" top: "mask""#))
                == #"layer L (Pooling): takes 1 top blob(s), found 2: ["y", "mask"]"#)
    }
}
