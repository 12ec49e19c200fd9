import Foundation
import Testing
import Training

struct AdamWTests {
    /// Decay stands beside the update: it does not go through the moments.
    @Test func plainLoop() throws {
        let found = try RuleCheck.mismatches(
            #"type: "AdamW" base_lr: 0.1 lr_policy: "fixed" momentum: 0.75 momentum2: 0.875 delta: 1e-4 weight_decay: 0.25"#
        ) { at, memory in
            memory.0 = 0.75 * memory.0 + 0.25 * at.gradient
            memory.1 = 0.875 * memory.1 + 0.125 * at.gradient * at.gradient
            let t = Double(at.iteration + 1)
            let correction = sqrt(1 - pow(0.875, t)) / (1 - pow(0.75, t))
            return at.weight * (1 - at.rate * at.decay)
                - at.rate * correction * memory.0 / (sqrt(memory.1) + 1e-4)
        }
        #expect(found == [])
    }

    @Test func decayBySignIsRefused() throws {
        let error = try #require(throws: SolverError.self) {
            try RuleCheck(#"type: "AdamW" base_lr: 0.1 lr_policy: "fixed" regularization_type: "L1""#)
        }
        #expect(error.description.contains("regularization_type must be L2"))
    }
}
