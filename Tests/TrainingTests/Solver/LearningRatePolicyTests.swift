import CaffeProto
import TestSupport
import Testing
import Training

struct LearningRatePolicyTests {
    static let policies = ["fixed", "step", "exp", "inv", "multistep", "multistep_dup", "poly", "poly_half", "sigmoid"]

    /// The rate that the original Caffe used in each iteration, read from a net whose gradient is exactly 1.
    @Test(arguments: policies)
    func ratesAgreeWithCaffe(name: String) throws {
        let file = Golden.path("lr_policies/\(name).solver.prototxt")
        let settings = try SolverSettings(try Prototxt.read(SolverParameter.self, file: file))
        let expected = try Golden.table("lr_policies/\(name).txt")
        #expect(expected.count == 20)
        let rates = expected.map { Double(settings.learningRate(at: Int($0[0]))) }
        #expect(Compare.relativeMismatch(name, rates, expected.map { $0[1] }, tolerance: 1e-6) == nil)
    }

    /// The rate at an iteration does not depend on those before it, so a resumed run needs nothing but its number.
    @Test
    func stepsAreCountedFromTheIterationAlone() {
        let multistep = LearningRatePolicy.multistep(gamma: 0.5, steps: [4, 4, 10])
        #expect([0, 3, 4, 5, 9, 10, 1000].map(multistep.stepsReached) == [0, 0, 1, 2, 2, 3, 3])
        #expect([0, 7, 8, 16].map(LearningRatePolicy.step(gamma: 0.1, size: 8).stepsReached) == [0, 0, 1, 2])
        #expect(LearningRatePolicy.fixed.stepsReached(at: 100) == 0)
    }

    /// Three steps at one iteration take effect in three iterations, one each, as in Caffe.
    @Test
    func equalStepsFollowOneAnother() {
        let policy = LearningRatePolicy.multistep(gamma: 0.5, steps: [2, 2, 2, 3])
        #expect((0..<8).map(policy.stepsReached) == [0, 0, 1, 2, 3, 4, 4, 4])
    }

    @Test
    func polynomialEndsAtZeroAndStaysThere() {
        let policy = LearningRatePolicy.polynomial(power: 2, maxIteration: 10)
        #expect(policy.factor(at: 0) == 1)
        #expect(policy.factor(at: 5) == 0.25)
        #expect(policy.factor(at: 10) == 0)
        #expect(policy.factor(at: 12) == 0)
    }

    @Test(arguments: [
        (#"lr_policy: "stepp""#, #"unknown lr_policy "stepp"; did you mean "step"? (known: fixed, step, exp, inv"#),
        ("", #"unknown lr_policy """#),
        (#"lr_policy: "step" stepsize: 3"#, #"lr_policy "step" needs gamma; add it to the solver"#),
        (#"lr_policy: "step" gamma: 0.1"#, #"lr_policy "step" needs stepsize, more than 0"#),
        (#"lr_policy: "step" gamma: 0.1 stepsize: 0"#, "needs stepsize, more than 0"),
        (#"lr_policy: "exp""#, #"lr_policy "exp" needs gamma"#),
        (#"lr_policy: "inv" gamma: 0.1"#, #"lr_policy "inv" needs power"#),
        (#"lr_policy: "multistep" gamma: 0.1"#, "needs at least one stepvalue"),
        (#"lr_policy: "poly""#, #"lr_policy "poly" needs power"#),
        (#"lr_policy: "sigmoid" gamma: 1"#, #"lr_policy "sigmoid" needs stepsize"#),
    ])
    func whatIsMissingIsNamed(text: String, message: String) throws {
        let solver = try Prototxt.read(SolverParameter.self, text: text, name: "solver.prototxt")
        let error = try #require(throws: SolverError.self) { try LearningRatePolicy(solver) }
        #expect(error.description.contains(message))
    }
}
