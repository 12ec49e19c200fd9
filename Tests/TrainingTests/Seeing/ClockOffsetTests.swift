import Comm
import Testing
import Training

struct ClockOffsetTests {
    private typealias Visit = ClockOffset.Visit

    /// Rank zero meets from 0 to 100 and from 1000 to 1010, a clock that is 5000 ahead beside it.
    @Test
    func theQuickestMeetingBoundsIt() {
        let zeros = [Visit(came: 0, left: 100), Visit(came: 1000, left: 1010)]
        let mine = [Visit(came: 5040, left: 5100), Visit(came: 6002, left: 6012)]
        let offset = ClockOffset(mine: mine, zeros: zeros)
        // It is at least 6002 - 1010 and at most 6012 - 1000.
        #expect(offset.nanoseconds == 5002)
        #expect(offset.error == 10)
    }

    /// Each meeting may bound it from another side.
    @Test
    func meetingsBoundItTogether() {
        let zeros = [Visit(came: 0, left: 10), Visit(came: 1000, left: 1500)]
        let late = Visit(came: -4992, left: -4900)
        let early = Visit(came: -4500, left: -3999)
        let offset = ClockOffset(mine: [late, early], zeros: zeros)
        // The first meeting: -5002 ... -4900; the second: -6000 ... -4999.
        #expect(offset.nanoseconds - offset.error <= -5002 + 1 && offset.nanoseconds + offset.error >= -4999 - 1)
        #expect(offset.error == 2)
    }

    /// Clocks that are a second and more apart are brought together as exactly as is said.
    @Test
    func clocksOfRanksAreCompared() throws {
        let origin = ContinuousClock.now
        let offsets = try ThreadCommunicator.run(3) { communicator in
            try ClockOffset.measure(over: communicator) {
                Int((ContinuousClock.now - origin) / .nanoseconds(1)) + communicator.rank * 1_500_000_000
            }
        }
        for (rank, offset) in offsets.enumerated() {
            #expect(abs(offset.nanoseconds - rank * 1_500_000_000) <= offset.error)
            #expect(offset.error < 100_000_000)
        }
        #expect(offsets[0] == .none)
        #expect(offsets[0].error == 0)
    }
}
