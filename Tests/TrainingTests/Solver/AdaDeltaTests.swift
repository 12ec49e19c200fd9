import Foundation
import Testing

struct AdaDeltaTests {
    @Test func plainLoop() throws {
        let found = try RuleCheck.mismatches(
            #"type: "AdaDelta" base_lr: 1 lr_policy: "fixed" momentum: 0.75 delta: 1e-3 weight_decay: 0.01"#
        ) { at, memory in
            let gradient = at.gradient + at.decay * at.weight
            memory.0 = 0.75 * memory.0 + 0.25 * gradient * gradient
            let update = gradient * sqrt((memory.1 + 1e-3) / (memory.0 + 1e-3))
            memory.1 = 0.75 * memory.1 + 0.25 * update * update
            return at.weight - at.rate * update
        }
        #expect(found == [])
    }
}
