import Comm
import Nets
import Pairs
import Tensors

/// Brings together over the ranks what a layer must know of the whole batch.
struct TeamReducer: BatchReducer {
    private let communicator: any Communicator
    private let thread: CommunicationThread?
    /// How many samples of a batch each rank has.
    private let samples: [Int]

    /// - Parameters:
    ///   - batchSize: of all these ranks together.
    ///   - thread: who talks to them during backward, if anybody does.
    init(_ communicator: any Communicator, batchSize: Int, thread: CommunicationThread?) {
        self.communicator = communicator
        self.thread = thread
        samples = Shard.counts(batch: batchSize, worldSize: communicator.size)
    }

    func sum(_ values: inout [Double]) throws {
        guard let thread else { return try communicator.allReduceSum(&values) }
        let request = Sum(values, communicator)
        try thread.run { try request.run() }
        values = request.values
    }

    func gather(_ rows: FloatStorage, width: Int) throws {
        precondition(rows.count == samples.reduce(0, +) * width, "\(rows.count) floats for \(samples) rows of \(width)")
        let request = Gathering(rows, counts: samples.map { $0 * width }, communicator)
        guard let thread else { return try request.run() }
        try thread.run { try request.run() }
    }

    /// Sums as the communication thread gets them, while the one that asks waits.
    @safe private final class Sum: @unchecked Sendable {
        private(set) var values: [Double]
        private let communicator: any Communicator

        init(_ values: [Double], _ communicator: any Communicator) {
            self.values = values
            self.communicator = communicator
        }

        func run() throws { try communicator.allReduceSum(&values) }
    }

    /// The same for rows.
    @safe private final class Gathering: @unchecked Sendable {
        private let rows: FloatStorage
        private let counts: [Int]
        private let communicator: any Communicator

        init(_ rows: FloatStorage, counts: [Int], _ communicator: any Communicator) {
            self.rows = rows
            self.counts = counts
            self.communicator = communicator
        }

        func run() throws {
            try rows.withMutableSpan { (rows: inout MutableSpan<Float>) in
                try communicator.allGather(&rows, counts: counts)
            }
        }
    }
}
