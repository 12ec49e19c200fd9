import Comm
import Foundation
import Synchronization
import Testing

private struct Mishap: Error, Equatable { let number: Int }

@Suite(.timeLimit(.minutes(5))) struct CommunicationThreadTests {
    @Test(arguments: [false, true]) func runsJobsInTheirOrder(isInline: Bool) throws {
        let thread = CommunicationThread(isInline: isInline)
        let seen = Mutex<[Int]>([])
        for number in 0..<100 { thread.post { seen.withLock { $0.append(number) } } }
        try thread.finish()
        #expect(seen.withLock { $0 } == Array(0..<100))
        try thread.run { seen.withLock { $0.append(100) } }
        #expect(seen.withLock { $0.last } == 100)
        thread.close()
    }

    @Test(arguments: [false, true]) func throwsTheFirstFailureAndDropsWhatFollows(isInline: Bool) {
        let thread = CommunicationThread(isInline: isInline)
        let late = Mutex(0)
        thread.post { throw Mishap(number: 1) }
        thread.post { late.withLock { $0 += 1 } }
        #expect(throws: Mishap(number: 1)) { try thread.finish() }
        #expect(late.withLock { $0 } == 0)
        thread.close()
    }

    @Test func worksBesideTheThreadThatPosts() throws {
        let thread = CommunicationThread()
        let gate = DispatchSemaphore(value: 0)
        // Were the job run by this thread, nobody would open the gate.
        thread.post { gate.wait() }
        gate.signal()
        try thread.finish()
        thread.close()
    }
}
