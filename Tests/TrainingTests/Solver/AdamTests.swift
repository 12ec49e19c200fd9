import Foundation
import Testing

struct AdamTests {
    /// Decay is part of the gradient, by value or by sign.
    @Test(arguments: ["L2", "L1"])
    func plainLoop(regularization: String) throws {
        let found = try RuleCheck.mismatches(
            """
            type: "Adam" base_lr: 0.1 lr_policy: "fixed" momentum: 0.75 momentum2: 0.875 delta: 1e-4 weight_decay: 0.01
            regularization_type: "\(regularization)"
            """
        ) { at, memory in
            let slope = regularization == "L2" ? at.weight : at.weight > 0 ? 1 : -1
            let gradient = at.gradient + at.decay * slope
            memory.0 = 0.75 * memory.0 + 0.25 * gradient
            memory.1 = 0.875 * memory.1 + 0.125 * gradient * gradient
            let t = Double(at.iteration + 1)
            let correction = sqrt(1 - pow(0.875, t)) / (1 - pow(0.75, t))
            return at.weight - at.rate * correction * memory.0 / (sqrt(memory.1) + 1e-4)
        }
        #expect(found == [])
    }
}
