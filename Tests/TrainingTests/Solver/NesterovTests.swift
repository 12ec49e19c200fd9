import Testing

struct NesterovTests {
    /// Looks ahead: the gradient step and, beside it, momentum's next step.
    @Test func plainLoop() throws {
        let found = try RuleCheck.mismatches(
            #"type: "Nesterov" base_lr: 0.1 lr_policy: "fixed" momentum: 0.9 weight_decay: 0.01"#
        ) { at, memory in
            let before = memory.0
            memory.0 = 0.9 * before + at.rate * (at.gradient + at.decay * at.weight)
            return at.weight + 0.9 * before - 1.9 * memory.0
        }
        #expect(found == [])
    }
}
