import Foundation
import Synchronization

/// Which collectives this process has come to, and whether its main thread waits in one, for a watchdog that looks from
/// another thread.
package enum Waiting {
    package struct State: Sendable {
        /// How many collectives this rank has come to, and how many it has left.
        package fileprivate(set) var (begun, done) = (0, 0)
        /// What the main thread is in, and the communication thread.
        fileprivate var (main, other): (Collective?, Collective?) = (nil, nil)
        /// Whether the main thread waits for the communication thread.
        fileprivate var awaitsOther = false

        /// What the main thread waits for other ranks in; nil while it does something itself.
        package var place: String? {
            if let main { return main.name }
            return awaitsOther ? (other?.name ?? "the exchange of gradients") : nil
        }
    }

    private static let current = Mutex(State())

    package static var state: State { current.withLock { $0 } }

    static func begin(_ collective: Collective) {
        let isMain = Thread.isMainThread
        current.withLock { state in
            state.begun += 1
            if isMain { state.main = collective } else { state.other = collective }
        }
    }

    static func end() {
        let isMain = Thread.isMainThread
        current.withLock { state in
            state.done += 1
            if isMain { state.main = nil } else { state.other = nil }
        }
    }

    /// The main thread waits for the communication thread.
    static func whileWaiting(_ body: () -> Void) {
        let isMain = Thread.isMainThread
        if isMain { current.withLock { $0.awaitsOther = true } }
        body()
        if isMain { current.withLock { $0.awaitsOther = false } }
    }
}
