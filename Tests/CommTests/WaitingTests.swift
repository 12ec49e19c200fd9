import Comm
import Foundation
import Testing

struct WaitingTests {
    /// A watched communicator does what the bare one does, and counts.
    @Test func collectivesAreCounted() throws {
        let before = Waiting.state
        try CommunicatorCheck.runAll(on: WatchedCommunicator(SoloCommunicator()), longest: 100)
        let after = Waiting.state
        #expect(after.begun > before.begun + 20)
    }

    @Test func ranksPassAllChecksWatched() throws {
        _ = try ThreadCommunicator.run(3) {
            try CommunicatorCheck.runAll(on: WatchedCommunicator($0), longest: 1000)
        }
    }
}
