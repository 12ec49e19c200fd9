import Comm
import Nets

/// The loss and the outputs of a step over all ranks, from those of its passes.
struct StepTotals {
    /// Nil where sums may depend on the number of ranks.
    private var microBatches: MicroBatchSums?
    private var values: [Double] = []

    init(_ context: NetContext) {
        microBatches = context.isDeterministic ? MicroBatchSums(context, batches: 1) : nil
    }

    /// Takes what a pass of this rank has found; of sub-batches the last one's outputs stay, as in Caffe.
    mutating func add(loss: Float, outputs: [Net.BatchOutput]) {
        let outputs = outputs.map(\.value)
        microBatches?.add([Double(loss)] + outputs)
        values = [Double(loss) + (values.first ?? 0)] + outputs
    }

    /// The loss, the outputs, and at the end the sum of a number that each rank brings.
    ///
    /// Collective.
    func sum(over communicator: any Communicator, with own: Double = 0) throws -> [Double] {
        if let microBatches { return try microBatches.sum(over: communicator, with: own) }
        var sums = values + [own]
        try communicator.allReduceSum(&sums)
        return sums
    }
}

/// Sums over the micro-batches of all ranks, the same bits for any number of ranks.
///
/// A row a micro-batch: each rank fills its own, and since the others' are zero, an all-reduce gathers them as they are.
struct MicroBatchSums {
    private let rows: Int
    /// Of a batch's micro-batches: how many there are, how many are this rank's, and the first of these.
    private let perBatch, own, first: Int
    private var values: [Double] = []
    private var added = 0

    /// - Parameter batches: how many there will be.
    init(_ context: NetContext, batches: Int) {
        guard let whole = context.wholeShard, let batch = context.globalBatch else {
            preconditionFailure("micro-batches of a net without")
        }
        let size = whole.count / context.pieces
        (perBatch, own, first) = (batch / size, context.pieces, whole.lowerBound / size)
        rows = batches * perBatch
    }

    /// Takes the numbers of this rank's next micro-batch, always as many.
    mutating func add(_ numbers: [Double]) {
        if values.isEmpty { values = Array(repeating: 0, count: rows * numbers.count) }
        let (batch, piece) = added.quotientAndRemainder(dividingBy: own)
        let row = batch * perBatch + first + piece
        // Adding turns a negative zero into what the all-reduce makes of it.
        for (index, number) in numbers.enumerated() { values[row * numbers.count + index] += number }
        added += 1
    }

    /// The sums, and at the end that of a whole number that each rank brings.
    ///
    /// Collective.
    func sum(over communicator: any Communicator, with own: Double = 0) throws -> [Double] {
        var all = values + [own]
        try communicator.allReduceSum(&all)
        let width = values.count / rows
        return BinaryTree.sum((0..<rows).map { Array(all[$0 * width..<($0 + 1) * width]) }) + all.suffix(1)
    }
}
