import Foundation
import Testing
import Training

struct RMSPropTests {
    @Test func plainLoop() throws {
        let found = try RuleCheck.mismatches(
            #"type: "RMSProp" base_lr: 0.1 lr_policy: "fixed" rms_decay: 0.75 delta: 1e-4 weight_decay: 0.01"#
        ) { at, memory in
            let gradient = at.gradient + at.decay * at.weight
            memory.0 = 0.75 * memory.0 + 0.25 * gradient * gradient
            return at.weight - at.rate * gradient / (sqrt(memory.0) + 1e-4)
        }
        #expect(found == [])
    }

    @Test func aDecayThatForgetsNothingIsRefused() throws {
        let error = try #require(throws: SolverError.self) {
            try RuleCheck(#"type: "RMSProp" base_lr: 0.1 lr_policy: "fixed" rms_decay: 1"#)
        }
        #expect(error.description == "solver: rms_decay is 1.0, expected 0 or more and less than 1")
    }
}
