import TestSupport
import Testing

extension CommandTests {
    /// The tests' own way of running programs: what it promises, the other tests rely on.
    struct CommandRunnerTests {
        @Test
        func statusAndOutputsComeBack() throws {
            let command = try Command.run(
                "sh", ["-c", "echo out; echo $WORD >&2; exit 3"], environment: ["WORD": "err"])
            #expect(command.status == 3)
            #expect(command.standardOutput == "out\n")
            #expect(command.standardError == "err\n")
            #expect(!command.hung)
        }

        /// A hanging program ends at its limit with what it has started, and need not be killed for it.
        @Test
        func aHangEndsAtTheLimit() throws {
            let begin = ContinuousClock.now
            let command = try Command.run("sh", ["-c", "sleep 60 & wait"], timeout: 1)
            #expect(command.hung)
            #expect(command.status == 124)
            #expect(begin.duration(to: .now) < .seconds(9))
        }
    }
}
