import Tensors

/// One decoding thread of a `PairLoader`.
struct LoaderWorker {
    private let list: PairList
    private let order: PairOrder
    private let columns: [ImageColumn]
    private let firstSample: Int
    private let readers: [ImageReader]
    private let ring: BatchRing
    private let queue: LoaderQueue

    init(
        _ configuration: PairLoader.Configuration, _ geometries: [ImageColumn.Geometry], ring: BatchRing,
        queue: LoaderQueue
    ) {
        list = configuration.list
        order = configuration.order
        columns = configuration.columns
        firstSample = configuration.shard.range.lowerBound
        readers = zip(columns, geometries).map { column, geometry in
            ImageReader(
                column, geometry, search: configuration.list.search, pixelLimit: configuration.pixelLimit)
        }
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
        ring.setLabel(list.labels[index], slot: ticket.slot, sample: ticket.sample)
        for (number, reader) in readers.enumerated() {
            let column = columns[number].list
            do throws(ImageError) {
                try ring.withSample(slot: ticket.slot, column: number, sample: ticket.sample) {
                    target throws(ImageError) in
                    try reader.read(list.path(column: column, index: index), position: position, into: &target)
                }
            } catch {
                return LoadError(place: list.place(column: column, index: index), image: error, position: position)
            }
        }
        return nil
    }
}
