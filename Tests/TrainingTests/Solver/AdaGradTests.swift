import Foundation
import Testing
import Training

struct AdaGradTests {
    @Test func plainLoop() throws {
        let found = try RuleCheck.mismatches(
            #"type: "AdaGrad" base_lr: 0.1 lr_policy: "fixed" delta: 1e-4 weight_decay: 0.01"#
        ) { at, memory in
            let gradient = at.gradient + at.decay * at.weight
            memory.0 += gradient * gradient
            return at.weight - at.rate * gradient / (sqrt(memory.0) + 1e-4)
        }
        #expect(found == [])
    }

    @Test(arguments: ["AdaGrad", "RMSProp"])
    func momentumIsRefused(type: String) throws {
        let error = try #require(throws: SolverError.self) {
            try RuleCheck(#"type: "\#(type)" base_lr: 0.1 lr_policy: "fixed" momentum: 0.9"#)
        }
        #expect(error.description == "solver: type \(type) knows no momentum; leave momentum out (it is 0.9)")
    }
}
