import Foundation
import Synchronization

/// What signals have asked of this process, and nobody has read yet.
///
/// The handler touches atomics only, as a handler must.
package final class SignalInbox: Sendable {
    /// That of the process, which `listen` fills.
    package static let ofProcess = SignalInbox()

    /// A scheduler's signal reaches a launcher and its ranks in the same instant: within this time it counts as one.
    private static let pause = 1_000_000_000

    private static let asking: [Int32] = [SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2]

    /// The signal of the largest wish so far; 0 for none.
    private let signal = Atomic<Int32>(0)
    /// When the first one to end came, in nanoseconds; 0 while none has.
    private let firstEnd = Atomic<Int>(0)

    package init() {}

    /// From now on signals are wishes instead of the end of this process.
    ///
    /// But SIGINT or SIGTERM a second or more after the first that was to end it ends it at once, with 128 and the signal's
    /// number as status; SIGUSR1 and SIGUSR2 may come from several sides (a scheduler, mpirun) and mean the same again.
    package static func listen() {
        // The first look at a global sets it up, which is nothing for a handler to do.
        _ = ofProcess.take()
        HandlerStack.prepare()
        for signal in asking {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { signal in
                if !SignalInbox.ofProcess.receive(signal, at: SignalInbox.now) { _exit(128 + signal) }
            }
            action.sa_flags = SA_RESTART | SA_ONSTACK
            unsafe sigaction(signal, &action, nil)
        }
    }

    /// Keeps what a signal asks for.
    ///
    /// - Parameter time: in nanoseconds, by a clock that only goes forward.
    /// - Returns: whether it is to be a wish still: not if the process was asked to end long enough before.
    package func receive(_ signal: Int32, at time: Int) -> Bool {
        guard let wish = Wish(signal: signal) else { return true }
        if wish > .snapshot {
            let (isFirst, first) = firstEnd.compareExchange(expected: 0, desired: time, ordering: .relaxed)
            if !isFirst, [SIGINT, SIGTERM].contains(signal), time - first >= Self.pause { return false }
        }
        var known = self.signal.load(ordering: .relaxed)
        while wish > Wish(signal: known) ?? .nothing {
            let (done, current) = self.signal.compareExchange(expected: known, desired: signal, ordering: .relaxed)
            if done { break }
            known = current
        }
        return true
    }

    /// The largest wish so far, with its signal; a snapshot is wished once, an end for ever.
    func take() -> (wish: Wish, signal: Int32) {
        let known = signal.load(ordering: .relaxed)
        let wish = Wish(signal: known) ?? .nothing
        // What has outdone it meanwhile stays for the next look.
        if wish == .snapshot { _ = signal.compareExchange(expected: known, desired: 0, ordering: .relaxed) }
        return (wish, known)
    }

    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
