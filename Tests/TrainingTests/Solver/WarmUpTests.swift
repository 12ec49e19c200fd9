import Testing
import Training

struct WarmUpTests {
    private static let warm = "base_lr: 0.5 warmup_iter: 4 warmup_start_lr: 0.125"

    @Test func theRateGrowsEvenly() throws {
        let fixed = try RuleCheck(#"\#(Self.warm) lr_policy: "fixed""#).settings
        #expect((0..<6).map(fixed.learningRate) == [0.125, 0.21875, 0.3125, 0.40625, 0.5, 0.5])
        let step = try RuleCheck(#"\#(Self.warm) lr_policy: "step" gamma: 0.5 stepsize: 3"#).settings
        #expect((3..<7).map(step.learningRate) == [0.40625, 0.25, 0.25, 0.125], "then the policy holds")
    }

    /// With the correction momentum is as if it held gradients and no rates: V = m·V + g, w = w − rate·V.
    @Test func momentumGrowsWithTheRate() throws {
        let found = try RuleCheck.mismatches(
            #"\#(Self.warm) lr_policy: "fixed" momentum: 0.75 weight_decay: 0.01"#, iterations: 8
        ) { at, memory in
            memory.0 = 0.75 * memory.0 + at.gradient + at.decay * at.weight
            return at.weight - at.rate * memory.0
        }
        #expect(found == [])
    }

    @Test func nesterovsToo() throws {
        let found = try RuleCheck.mismatches(
            #"type: "Nesterov" \#(Self.warm) lr_policy: "fixed" momentum: 0.75"#, iterations: 8
        ) { at, memory in
            let before = memory.0
            memory.0 = 0.75 * before + at.gradient
            return at.weight - at.rate * (1.75 * memory.0 - 0.75 * before)
        }
        #expect(found == [])
    }

    @Test func aNegativeStartIsRefused() throws {
        let error = try #require(throws: SolverError.self) {
            try RuleCheck(#"base_lr: 0.5 warmup_iter: 4 warmup_start_lr: -1 lr_policy: "fixed""#)
        }
        #expect(error.description == "solver: warmup_start_lr is -1.0, expected 0 or more")
    }
}
