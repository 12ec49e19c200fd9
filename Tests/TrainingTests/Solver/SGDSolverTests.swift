import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing
import Training

/// The update in numbers that floats hold exactly, so that the expected results are equal and not only near.
struct SGDSolverTests {
    /// Two layers of one weight each: "a", and "b" with lr_mult 2 and decay_mult 0.
    private static let net = """
        layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 1 } } }
        layer {
            name: "a" type: "InnerProduct" bottom: "x" top: "a"
            inner_product_param { num_output: 1 bias_term: false }
        }
        layer {
            name: "b" type: "InnerProduct" bottom: "a" top: "b" param { lr_mult: 2 decay_mult: 0 }
            inner_product_param { num_output: 1 bias_term: false }
        }
        """

    private struct Run {
        let net: Net
        let solver: Solver

        init(
            _ solverText: String, policy: String = #"lr_policy: "fixed""#, net text: String = SGDSolverTests.net,
            weights: [Float]
        ) throws {
            net = try TestNet.make(text)
            let message = try Prototxt.read(
                SolverParameter.self, text: "base_lr: 0.5 max_iter: 9 \(policy) \(solverText)", name: "solver")
            solver = try Solver.make(try SolverSettings(message), store: net.parameters)
            for (parameter, weight) in zip(net.parameters.parameters, weights) {
                parameter.blob.copyData(from: [weight])
            }
        }

        /// Updates by these gradients, one a parameter, and returns the weights.
        func step(_ gradients: [Float], iteration: Int = 0) -> [Float] {
            for (parameter, gradient) in zip(net.parameters.parameters, gradients) {
                parameter.blob.copyDiff(from: [gradient])
            }
            solver.update(iteration: iteration)
            return net.parameters.parameters.map { $0.blob.dataArray[0] }
        }

        var momentum: [Float] {
            net.parameters.offsets.map { solver.history[0].array($0..<$0 + 1)[0] }
        }
    }

    @Test
    func plainStepsAgainstTheGradient() throws {
        let run = try Run("", weights: [1, 1])
        // b learns twice as fast.
        #expect(run.step([0.5, 0.5]) == [0.75, 0.5])
        #expect(run.step([-1, 0]) == [1.25, 0.5])
    }

    @Test
    func momentumRemembersSteps() throws {
        let run = try Run("momentum: 0.5", weights: [1, 0])
        #expect(run.step([1, 0])[0] == 0.5)  // v = 0.5
        #expect(run.step([0, 0])[0] == 0.25)  // v = 0.25
        #expect(run.step([1, 0])[0] == -0.375)  // v = 0.125 + 0.5
        #expect(run.momentum == [0.625, 0])
    }

    /// Momentum holds the step with its rate in it, so that a later smaller rate does not shrink what is under way.
    @Test
    func theRateGoesIntoTheMomentum() throws {
        let run = try Run("momentum: 0.5", policy: #"lr_policy: "step" gamma: 0.5 stepsize: 1"#, weights: [0, 0])
        #expect(run.step([1, 0], iteration: 0)[0] == -0.5)  // v = 0.5
        #expect(run.step([1, 0], iteration: 1)[0] == -1)  // v = 0.25 + 0.25
        #expect(run.step([0, 0], iteration: 2)[0] == -1.25)
    }

    @Test
    func decayDrawsWeightsToZero() throws {
        let run = try Run("weight_decay: 0.25", weights: [2, 2])
        // a: 0.5 · (1 + 0.25 · 2); b does not decay: 2 · 0.5 · 1.
        #expect(run.step([1, 1]) == [1.25, 1])
    }

    @Test
    func decayBySignTakesTheSameOfEachWeight() throws {
        let run = try Run(#"weight_decay: 0.25 regularization_type: "L1""#, weights: [-8, 1])
        #expect(run.step([0, 0]) == [-7.875, 1])
        let small = try Run(#"weight_decay: 0.25 regularization_type: "L1""#, weights: [0.25, 1])
        #expect(small.step([0, 0]) == [0.125, 1])
        #expect(small.step([0, 0]) == [0, 1])
        #expect(small.step([0, 0]) == [0, 1], "zero has no sign")
    }

    /// The norm of all gradients together counts, 5 for 3 and 4.
    @Test
    func clippingScalesAllGradientsAlike() throws {
        let run = try Run("clip_gradients: 2.5", weights: [0, 0])
        #expect(run.step([3, 4]) == [-0.75, -2])
        let calm = try Run("clip_gradients: 5", weights: [0, 0])
        #expect(calm.step([3, 4]) == [-1.5, -4], "a norm at the limit is not clipped")
    }

    /// Caffe clips the sum over sub-batches and divides then: 3, 4 → 1.5, 2 → 0.75, 1.
    @Test
    func clippingComesBeforeTheMeanOverSubBatches() throws {
        let run = try Run("clip_gradients: 2.5 iter_size: 2", weights: [0, 0])
        #expect(run.step([3, 4]) == [-0.375, -1])
        let mean = try Run("iter_size: 4", weights: [0, 0])
        #expect(mean.step([3, 4]) == [-0.375, -1])
    }

    /// Decay is not divided by iter_size and not clipped.
    @Test
    func decayComesAfterClippingAndMean() throws {
        let run = try Run("clip_gradients: 2.5 iter_size: 2 weight_decay: 0.5", weights: [2, 0])
        #expect(run.step([3, 4])[0] == 2 - 0.5 * (0.75 + 1))
    }

    @Test
    func aRateOfZeroFreezes() throws {
        let frozen = Self.net.replacing("lr_mult: 2", with: "lr_mult: 0")
        let run = try Run("momentum: 0.5 weight_decay: 0.5", net: frozen, weights: [1, 1])
        #expect(run.step([1, 1])[1] == 1)
        #expect(run.momentum[1] == 0)
    }

    /// Many weights are shared out to threads and vectors; each is still updated once, by its own gradient.
    @Test
    func manyWeightsEachGetTheirOwn() throws {
        let net = try TestNet.make(
            TestNet.input("x", [1, 333]) + """
                layer {
                    name: "wide" type: "InnerProduct" bottom: "x" top: "y"
                    inner_product_param { num_output: 307 bias_term: false }
                }
                """)
        let parameter = net.parameters.parameters[0]
        let settings = try SolverSettings(
            try Prototxt.read(
                SolverParameter.self,
                text: #"base_lr: 0.5 lr_policy: "fixed" max_iter: 1 momentum: 0.5 weight_decay: 0.25"#, name: "solver"))
        let solver = try Solver.make(settings, store: net.parameters)
        let weights = (0..<parameter.shape.count).map { Float($0 % 128) }
        let gradients = (0..<parameter.shape.count).map { Float($0 % 31) }
        parameter.blob.copyData(from: weights)
        parameter.blob.copyDiff(from: gradients)
        solver.update(iteration: 0)
        #expect(parameter.blob.dataArray == zip(weights, gradients).map { $0 - 0.5 * ($1 + 0.25 * $0) })
    }

    @Test
    func unknownTypeIsRefused() throws {
        let error = try #require(throws: SolverError.self) { _ = try Run(#"type: "SDG""#, weights: []) }
        #expect(error.description.contains(#"unknown solver type "SDG" (did you mean "SGD"?)"#))
    }
}
