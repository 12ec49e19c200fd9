import Comm
import Foundation
import Testing
import Training

struct SignalInboxTests {
    private static let second = 1_000_000_000

    /// What `Stopping` makes of these signals in a world of one.
    private static func wish(_ signals: [Int32]) throws -> Wish {
        let inbox = SignalInbox()
        for signal in signals { #expect(inbox.receive(signal, at: 1)) }
        let stopping = Stopping(inbox, communicator: SoloCommunicator(), log: RecordingLog().log)
        try stopping.together(at: 0) {}
        return stopping.wish
    }

    @Test(
        arguments: [
            ([], .nothing), ([SIGHUP], .snapshot), ([SIGINT], .stop), ([SIGUSR2], .stop), ([SIGTERM], .evict),
            ([SIGUSR1], .evict), ([SIGTERM, SIGINT, SIGHUP], .evict), ([SIGHUP, SIGUSR2], .stop),
            ([SIGWINCH], .nothing),
        ] as [([Int32], Wish)])
    func theLargestWishCounts(signals: [Int32], wish: Wish) throws {
        #expect(try Self.wish(signals) == wish)
    }

    @Test func onlyAnEvictionEndsWithAStatus() {
        #expect([Wish.nothing, .snapshot, .stop, .evict].map(\.exitStatus) == [0, 0, 0, 75])
    }

    /// Signals of one instant are one; a later one is meant.
    @Test func theSecondEndIsMeant() {
        let inbox = SignalInbox()
        #expect(inbox.receive(SIGHUP, at: 1))
        #expect(inbox.receive(SIGHUP, at: 5 * Self.second))
        #expect(inbox.receive(SIGUSR1, at: 6 * Self.second))
        #expect(inbox.receive(SIGTERM, at: 7 * Self.second - 1))
        #expect(inbox.receive(SIGHUP, at: 9 * Self.second), "asks for no end")
        #expect(inbox.receive(SIGUSR1, at: 9 * Self.second), "may come twice, from a scheduler and by mpirun")
        #expect(!inbox.receive(SIGTERM, at: 7 * Self.second))
    }
}
