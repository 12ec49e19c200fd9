import Tensors

/// One decoding thread of a `PairLoader`.
struct LoaderWorker {
    private let order: PairOrder
    private let columns: Int
    private let firstSample: Int
    private let reader: any PairReader
    private let ring: BatchRing
    private let queue: LoaderQueue

    init(_ configuration: PairLoader.Configuration, ring: BatchRing, queue: LoaderQueue) {
        order = configuration.order
        columns = configuration.source.sampleShapes.count
        firstSample = configuration.shard.range.lowerBound
        reader = configuration.source.makeReader()
        self.ring = ring
        self.queue = queue
    }

    /// Makes samples until the queue says that all is over.
    func run() {
        while let ticket = queue.take() {
            queue.finish(ticket, error: make(ticket))
        }
    }

    /// Makes one sample: its images and its label.
    private func make(_ ticket: LoaderQueue.Ticket) -> LoadError? {
        let position = ticket.batchStart + firstSample + ticket.sample
        let index = order.index(at: position)
        do throws(LoadError) {
            for column in 0..<columns {
                let label = try ring.withSample(slot: ticket.slot, column: column, sample: ticket.sample) {
                    target throws(LoadError) in
                    try reader.read(index, column: column, position: position, into: &target)
                }
                if column == 0 { ring.setLabel(label, slot: ticket.slot, sample: ticket.sample) }
            }
        } catch {
            return error
        }
        return nil
    }
}
