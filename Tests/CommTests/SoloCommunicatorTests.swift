import Comm
import Testing

@Suite struct SoloCommunicatorTests {
    @Test func isAWorldOfOne() {
        let solo = SoloCommunicator()
        #expect(solo.isRankZero && solo.size == 1 && solo.localSize == 1 && solo.hosts.count == 1)
        #expect(!solo.host.isEmpty)
    }

    @Test func abortEndsTheProcessWithTheStatus() async {
        await #expect(processExitsWith: .exitCode(42)) {
            SoloCommunicator().abort(status: 42)
        }
    }
}
