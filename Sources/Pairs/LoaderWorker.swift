import Tensors

/// One decoding thread of a `PairLoader`.
struct LoaderWorker {
    private let order: PairOrder
    private let columns: Int
    private let firstSample: Int
    private let reader: any PairReader
    private let ring: BatchRing
    private let queue: LoaderQueue
    /// Where bad pairs are noted that others replace; nil where one ends all.
    private let bad: BadPairs?

    init(_ configuration: PairLoader.Configuration, ring: BatchRing, queue: LoaderQueue) {
        order = configuration.order
        columns = configuration.source.sampleShapes.count
        firstSample = configuration.shard.range.lowerBound
        reader = configuration.source.makeReader()
        bad = configuration.bad
        self.ring = ring
        self.queue = queue
    }

    /// Makes samples until the queue says that all is over.
    func run() {
        while let ticket = queue.take() {
            let position = ticket.batchStart + firstSample + ticket.sample
            do throws(LoadError) {
                queue.finish(ticket, .success(try make(ticket, position: position)))
            } catch {
                queue.finish(ticket, .failure(error))
            }
        }
    }

    /// Makes one sample of the pair whose turn it is, or of another where that one is bad; returns which.
    ///
    /// Nothing but the position and the files decides, so any rank, and any thread, would take the same pair.
    private func make(_ ticket: LoaderQueue.Ticket, position: Int) throws(LoadError) -> Int {
        var index = order.index(at: position)
        var attempt = 0
        while true {
            do throws(LoadError) {
                try read(index, ticket, position: position)
                return index
            } catch {
                guard let bad else { throw error }
                bad.add(index) { reader.faults(of: index, position: position) }
                attempt += 1
                if attempt == PairOrder.attempts { throw Self.hopeless(error) }
                index = order.replacement(at: position, attempt: attempt)
            }
        }
    }

    /// Reads a pair as a sample: its images and its label.
    private func read(_ index: Int, _ ticket: LoaderQueue.Ticket, position: Int) throws(LoadError) {
        for column in 0..<columns {
            let label = try ring.withSample(slot: ticket.slot, column: column, sample: ticket.sample) {
                target throws(LoadError) in
                try reader.read(index, column: column, position: position, into: &target)
            }
            if column == 0 { ring.setLabel(label, slot: ticket.slot, sample: ticket.sample) }
        }
    }

    private static func hopeless(_ last: LoadError) -> LoadError {
        var error = last
        error.consequence =
            "none of the \(PairOrder.attempts) pairs that were tried in its place can be read either; \"twotower check-data\" "
            + "lists what is wrong with the images"
        return error
    }
}
