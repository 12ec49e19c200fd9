import Nets
import Tensors
import TestSupport
import Testing

struct KernelTrialTests {
    /// A kernel that takes a given time.
    private func candidate(_ name: String, milliseconds: Int, counting calls: Counter = Counter())
        -> KernelTrial.Candidate
    {
        .init(name) {
            {
                calls.count += 1
                let end = ContinuousClock.now + .milliseconds(milliseconds)
                while ContinuousClock.now < end {}
            }
        }
    }

    private final class Counter { var count = 0 }

    private func choice(_ candidates: KernelTrial.Candidate...) throws -> String? {
        try KernelTrial("job", multiplyAdds: 1, candidates: candidates).measure()?.kernel
    }

    @Test func theFasterIsTaken() throws {
        #expect(try choice(candidate("usual", milliseconds: 120), candidate("other", milliseconds: 5)) == "other")
        #expect(try choice(candidate("usual", milliseconds: 5), candidate("other", milliseconds: 120)) == nil)
    }

    @Test func aKernelThatIsNotHereIsNotTaken() throws {
        let missing = KernelTrial.Candidate("other") { nil }
        #expect(try choice(candidate("usual", milliseconds: 1), missing) == nil)
    }

    @Test func whatIsFarBehindRunsOnce() throws {
        let (slow, fast) = (Counter(), Counter())
        _ = try choice(
            candidate("usual", milliseconds: 400, counting: slow), candidate("other", milliseconds: 4, counting: fast))
        #expect(slow.count == 1 && fast.count == 3)
    }

    private let net = """
        layer {
          name: "conv" type: "Convolution" bottom: "x" top: "h"
          convolution_param { num_output: 96 kernel_size: 3 pad: 1 weight_filler { type: "xavier" } }
        }
        layer {
          name: "again" type: "Convolution" bottom: "x" top: "i"
          convolution_param { num_output: 96 kernel_size: 3 pad: 1 weight_filler { type: "xavier" } }
        }
        layer { name: "sum" type: "Eltwise" bottom: "h" bottom: "i" top: "s" }
        layer {
          name: "fc" type: "InnerProduct" bottom: "s" top: "y"
          inner_product_param { num_output: 700 weight_filler { type: "xavier" } }
        }
        layer { name: "loss" type: "Reduction" bottom: "y" top: "loss" loss_weight: 1 }
        """

    /// Jobs that are large enough, each once; each can be done by each kernel that says it can.
    @Test func aNetTellsItsJobs() throws {
        let text = TestNet.input("x", [8, 64, 16, 16]) + net
        let made = try TestNet.make(text, NetContext(phase: .train, defaultEngine: .dnnl), forceBackward: true)
        let trials = made.kernelTrials
        #expect(
            trials.map(\.job) == [
                "forward of 64×16×16 → 96 by 3×3, pad 1×1", "backward data of 64×16×16 → 96 by 3×3, pad 1×1",
                "backward weights of 64×16×16 → 96 by 3×3, pad 1×1", "forward of inner product 24576 → 700",
                "backward data of inner product 24576 → 700", "backward weights of inner product 24576 → 700",
            ])
        for trial in trials {
            #expect(["direct", "oneDNN", "oneDNN, turned"].contains(trial.candidates[0].kernel))
            _ = try trial.measure()
        }
        let small = try TestNet.make(
            TestNet.input("x", [1, 64, 4, 4]) + net, NetContext(phase: .train, defaultEngine: .dnnl))
        #expect(small.kernelTrials.isEmpty)
    }

    /// Winograd's algorithm and OpenBLAS give what the defaults give, up to rounding.
    @Test func chosenKernelsComputeTheSame() throws {
        let text = TestNet.input("x", [2, 64, 16, 16]) + net
        let jobs = [
            ("forward of 64×16×16 → 96 by 3×3, pad 1×1", "Winograd"),
            ("backward data of 64×16×16 → 96 by 3×3, pad 1×1", "Winograd"),
            ("backward weights of 64×16×16 → 96 by 3×3, pad 1×1", "Winograd"),
            ("forward of 64×16×16 → 96 by 3×3, pad 1×1", "im2col"),
            ("forward of inner product 24576 → 700", "OpenBLAS"),
            ("backward data of inner product 24576 → 700", "OpenBLAS"),
            ("backward weights of inner product 24576 → 700", "OpenBLAS"),
        ]
        func run(_ jobs: [(String, String)]) throws -> [[Float]] {
            let choices = KernelChoices(
                jobs.map { KernelChoices.Choice(job: $0.0, kernel: $0.1, seconds: 1, defaultSeconds: 2) })
            let context = NetContext(phase: .train, defaultEngine: .dnnl, kernels: choices)
            let net = try TestNet.make(text, context, forceBackward: true)
            net.parameters.fill(seed: 1)
            net.input("x").copyData(from: TestValues.uniform(net.input("x").count))
            try net.forward()
            try net.backward()
            return [net.known("y").dataArray, net.input("x").diffArray]
                + net.parameters.parameters.map(\.blob.diffArray)
        }
        let expected = try run([])
        for job in jobs {
            let found = try run([job])
            let differences = zip(found, expected).enumerated().compactMap {
                Compare.mismatch("\(job) \($0.offset)", $0.element.0, $0.element.1, tolerance: 2e-5)
            }
            #expect(differences == [])
        }
        #expect(try run([("forward of inner product 24576 → 700", "oneDNN")])[0] != [])
    }
}
