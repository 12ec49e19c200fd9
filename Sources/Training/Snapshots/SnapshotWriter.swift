import Dispatch
import Foundation
import Synchronization
import Tensors

/// Writes snapshots on a thread of its own while training goes on: one at a time.
///
/// What goes wrong is said and remembered, and does not end the training: the snapshots before stay as they were.
package final class SnapshotWriter: Sendable {
    private struct State {
        /// What is to be written next; its memory is given back with it.
        var copy: SnapshotCopy?
        var failure: SnapshotFailure?
    }

    let store: SnapshotStore
    /// How many snapshots stay; nil for all.
    private let keep: Int?
    private let log: TrainingLog
    private let underWay = DispatchGroup()
    private let state = Mutex(State())

    package init(_ store: SnapshotStore, keep: Int?, log: TrainingLog) {
        self.store = store
        self.keep = keep
        self.log = log
    }

    /// Whether there is one being written.
    package var isWriting: Bool { underWay.wait(timeout: .now()) == .timedOut }

    /// Waits for the one that is being written.
    package func wait() { underWay.wait() }

    /// Starts to write, once the one before is written.
    ///
    /// - Parameter copy: made then, so that there are never two in memory.
    package func begin(_ copy: () -> SnapshotCopy) {
        wait()
        let copy = copy()
        log.snapshotting(to: store.modelPath(copy.state.iteration))
        log.snapshottingState(to: store.statePath(copy.state.iteration))
        state.withLock { $0 = State(copy: copy) }
        underWay.enter()
        let thread = Thread { [self] in
            Self.giveWay()
            if let copy = state.withLock({ $0.copy.take() }) { write(copy) }
            underWay.leave()
        }
        thread.name = "snapshot"
        thread.start()
    }

    /// Waits for the last snapshot, and throws if it is of this iteration and could not be written.
    package func finish(at iteration: Int) throws {
        wait()
        if let failure = state.withLock({ $0.failure }), failure.iteration == iteration { throw failure }
    }

    private func write(_ copy: consuming SnapshotCopy) {
        let (start, iteration) = (ContinuousClock.now, copy.state.iteration)
        do {
            try store.write(copy)
        } catch {
            let failure = SnapshotFailure(iteration: iteration, error, free: AtomicFile.freeBytes(beside: store.prefix))
            state.withLock { $0.failure = failure }
            log.warn("\(failure); training goes on, and older snapshots stay as they are")
            return
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        log.say("Snapshot of iteration \(iteration) written in \(TrainingLog.format(seconds)) s")
        do {
            if let keep { try store.removeAll(before: iteration, butNewest: keep) }
        } catch {
            log.warn("\(error)")
        }
    }

    /// Lets the threads that compute go first: the nice value is this thread's own on Linux.
    private static func giveWay() { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10) }
}

/// Why a snapshot is not there.
package struct SnapshotFailure: Error, CustomStringConvertible {
    package let iteration: Int
    private let reason: String
    private let free: Int?

    init(iteration: Int, _ error: any Error, free: Int?) {
        self.iteration = iteration
        reason = "\(error)"
        self.free = free
    }

    package var description: String {
        let room = free.map { " (\($0 / 1_000_000) MB are free there)" } ?? ""
        return "no snapshot of iteration \(iteration): \(reason)\(room)"
    }
}
