import Foundation
import Tensors

/// Deals out the samples of the batches ahead to the worker threads, and finished batches to the trainer, in order.
///
/// The ring has a few slots, batch b in slot b mod depth; a worker waits while its batch's slot is still in use.
/// Every field is guarded by `condition`, which is why the class may be shared.
final class LoaderQueue: @unchecked Sendable {
    /// One sample to be made: where in the ring, and which of this rank's shard.
    struct Ticket {
        let slot: Int
        let sample: Int
        /// The batch's first global position.
        let batchStart: Int
    }

    private struct Slot {
        var remaining: Int
        /// The pair that each sample shows.
        var pairs: [Int]
        var error: LoadError?

        init(samples: Int) {
            remaining = samples
            pairs = Array(repeating: 0, count: samples)
        }

        mutating func clear() {
            remaining = pairs.count
            error = nil
        }
    }

    private let condition = NSCondition()
    private let batchSize: Int
    private let samples: Int
    private var slots: [Slot]
    private var start: Int
    private var dealt = 0
    private var delivered = 0
    private var busy = 0
    private var threads = 0
    private var isPaused = false
    private var isStopped = false

    /// - Parameters:
    ///   - batchSize: the global batch, by which the position moves on.
    ///   - samples: how many of it this rank makes.
    ///   - depth: how many batches may be finished or under way.
    init(batchSize: Int, samples: Int, depth: Int, start: Int) {
        self.batchSize = batchSize
        self.samples = samples
        self.start = start
        slots = (0..<depth).map { _ in Slot(samples: samples) }
    }

    // MARK: The workers' side

    /// The next sample to make, waiting for room in the ring; nil when all is over.
    func take() -> Ticket? {
        condition.withLock {
            while !isStopped && (isPaused || dealt / samples >= delivered + slots.count) { condition.wait() }
            if isStopped { return nil }
            let batch = dealt / samples
            let ticket = Ticket(
                slot: batch % slots.count, sample: dealt % samples, batchStart: start + batch * batchSize)
            dealt += 1
            busy += 1
            return ticket
        }
    }

    /// The sample is made, or has failed; of a batch's errors the one at the lowest position stays.
    ///
    /// - Parameter outcome: the pair that the sample shows.
    func finish(_ ticket: Ticket, _ outcome: Result<Int, LoadError>) {
        Activity.tick()
        condition.withLock {
            busy -= 1
            slots[ticket.slot].remaining -= 1
            switch outcome {
            case .success(let pair): slots[ticket.slot].pairs[ticket.sample] = pair
            case .failure(let error):
                if error.position < slots[ticket.slot].error?.position ?? .max { slots[ticket.slot].error = error }
            }
            if slots[ticket.slot].remaining == 0 || busy == 0 { condition.broadcast() }
        }
    }

    // MARK: The trainer's side

    /// Waits until the next batch is whole; its slot, its first position, and the pairs of this rank's samples.
    func waitForBatch() throws(LoadError) -> (slot: Int, batchStart: Int, pairs: [Int]) {
        let (slot, batchStart, pairs, error) = condition.withLock {
            precondition(!isStopped, "a batch is asked of a loader that was stopped")
            let slot = delivered % slots.count
            while slots[slot].remaining > 0 { condition.wait() }
            return (slot, start + delivered * batchSize, slots[slot].pairs, slots[slot].error)
        }
        if let error { throw error }
        return (slot, batchStart, pairs)
    }

    /// The batch has been copied out; its slot is free.
    func release() {
        condition.withLock {
            slots[delivered % slots.count].clear()
            delivered += 1
            condition.broadcast()
        }
    }

    /// Begins anew at a position; what is made already is kept if that is where it began.
    func restart(at position: Int) {
        condition.withLock {
            if position == start && delivered == 0 { return }
            isPaused = true
            while busy > 0 { condition.wait() }
            start = position
            (dealt, delivered) = (0, 0)
            for slot in slots.indices { slots[slot].clear() }
            isPaused = false
            condition.broadcast()
        }
    }

    // MARK: Threads

    /// Starts a thread that runs `body`, which returns when `take` has given nil.
    func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
        condition.withLock { threads += 1 }
        let thread = Thread {
            body()
            self.condition.withLock {
                self.threads -= 1
                self.condition.broadcast()
            }
        }
        thread.name = name
        thread.start()
    }

    /// Ends all threads, each after the sample that it is at, and waits for them.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
            while threads > 0 { condition.wait() }
        }
    }
}
