// The checks of sums and of the gradient exchanges.

func sumFloats(_ comm: any Communicator, _ longest: Int) throws {
    let ranks = comm.size * (comm.size - 1) / 2
    for count in [0, 1, 1000, longest] {
        var values = (0..<count).map { Float(comm.rank + $0 % 1000) }
        var span = values.mutableSpan
        try comm.allReduceSum(&span)
        for index in values.indices {
            let expected = Float(ranks + comm.size * (index % 1000))
            try expect(values[index] == expected, "value \(index) of \(count) is \(values[index]), not \(expected)")
        }
    }
}

/// The lengths reach all algorithms between which MPI chooses by length.
func identicalSums(_ comm: any Communicator, _ longest: Int) throws {
    for count in [1, 5, 333, 4099, 100_003, longest] {
        var hashes = [0, 0]
        for turn in 0..<2 {
            // Magnitudes differ widely, so that another order of additions would show in the last bits.
            var state = UInt64(comm.rank + 1)
            var values = (0..<count).map { index in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(Int64(bitPattern: state) >> 32) * (index % 3 == 0 ? 1e-9 : 1)
            }
            var span = values.mutableSpan
            try comm.allReduceSum(&span)
            hashes[turn] = values.reduce(0) { ($0 ^ Int($1.bitPattern)) &* 1_099_511_628_211 }
        }
        var (highest, lowest) = (hashes, hashes)
        try comm.allReduceMaximum(&highest)
        try comm.allReduceMinimum(&lowest)
        try expect(highest == lowest, "sums of \(count) floats differ between ranks")
        try expect(hashes[0] == hashes[1], "sums of the same \(count) floats differ between two calls")
    }
}

func smallReductions(_ comm: any Communicator) throws {
    var doubles = [1, Double(comm.rank), 0.5]
    try comm.allReduceSum(&doubles)
    try expect(
        doubles == [Double(comm.size), Double(comm.size * (comm.size - 1) / 2), 0.5 * Double(comm.size)],
        "sums \(doubles)")
    var highest = [comm.rank, -comm.rank, .min]
    try comm.allReduceMaximum(&highest)
    try expect(highest == [comm.size - 1, 0, .min], "maxima \(highest)")
    var lowest = [comm.rank, -comm.rank, .min, .max]
    try comm.allReduceMinimum(&lowest)
    try expect(lowest == [0, 1 - comm.size, .min, .max], "minima \(lowest)")
    var nothing: [Double] = []
    try comm.allReduceSum(&nothing)
}

/// Stands for the buffers of a net.
private final class Floats: FloatBuffer {
    var values: [Float]
    init(_ values: [Float]) { self.values = values }
    var count: Int { values.count }

    func withMutableSpan<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R {
        try unsafe values.withUnsafeMutableBufferPointer { (buffer) throws(E) -> R in
            var span = unsafe MutableSpan(_unsafeElements: buffer)
            return try body(&span)
        }
    }
}

/// A part of a buffer, all-reduced; what lies around it stays.
func bucket(_ comm: any Communicator) throws {
    let ranks = Float(comm.size * (comm.size - 1) / 2)
    for wire in Wire.allCases {
        let gradients = Floats((0..<10_000).map { Float(comm.rank + $0 % 100) })
        try AllReduceExchange(gradients, 100..<9000, wire: wire).exchange(over: comm)
        for (index, value) in gradients.values.enumerated() {
            let own = Float(comm.rank + index % 100)
            // Small integers are exact in bfloat16 up to 256; larger sums lose their last bits.
            let expected = (100..<9000).contains(index) ? ranks + Float(comm.size * (index % 100)) : own
            let slack = wire == .bf16 ? expected / 128 : 0
            try expect(abs(value - expected) <= slack, "\(wire): gradient \(index) is \(value), not \(expected)")
        }
    }
}

/// Each rank adds its part of the gradients to its part of the weights; then all have all weights.
func shards(_ comm: any Communicator) throws {
    for count in [0, 1, 17, 10_007] {
        let gradients = Floats((0..<count + 5).map { Float(comm.rank + $0 % 100) })
        let weights = Floats((0..<count + 5).map { Float($0) })
        let exchange = ShardedExchange(gradients: gradients, weights: weights, 5..<count + 5, ranks: comm.size)
        try exchange.exchange(over: comm)
        for index in exchange.range(ofRank: comm.rank) { weights.values[index] += gradients.values[index] }
        try exchange.share(over: comm)
        for index in 5..<count + 5 {
            let sum = Float(comm.size * (comm.size - 1) / 2 + comm.size * (index % 100))
            try expect(weights.values[index] == Float(index) + sum, "weight \(index) is \(weights.values[index])")
        }
    }
}

/// Sums of numbers of very different size, which show the order of additions: neighbours first.
func tree(_ comm: any Communicator) throws {
    for count in [1, 17, 10_007] {
        func values(_ rank: Int) -> [Float] {
            var state = UInt64(rank + 1)
            return (0..<count).map { index in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(Int64(bitPattern: state) >> 32) * (index % 3 == rank % 3 ? 1e-4 : 1)
            }
        }
        let gradients = Floats(values(comm.rank) + [7])
        try TreeExchange(gradients, 0..<count, ranks: comm.size).exchange(over: comm)
        var sums = (0..<comm.size).map(values)
        var step = 1
        while step < comm.size {
            for rank in stride(from: 0, to: comm.size - step, by: 2 * step) {
                for index in 0..<count { sums[rank][index] += sums[rank + step][index] }
            }
            step *= 2
        }
        try expect(gradients.values == sums[0] + [7], "sums of \(count) floats are not those of the tree")
    }
}

/// Two blocks of samples, unequally many of each rank: every rank gets all rows in the order of samples.
func factors(_ comm: any Communicator) throws {
    let samples = (0..<comm.size).map { $0 % 3 + 1 }
    let (total, width) = (samples.reduce(0, +), 70)
    let first = samples[..<comm.rank].reduce(0, +)
    let rows = Floats([Float](repeating: -1, count: 2 * total * width))
    func value(_ block: Int, _ sample: Int, _ column: Int) -> Float { Float(block * 10_000 + sample * 100 + column) }
    for block in 0..<2 {
        for sample in first..<first + samples[comm.rank] {
            for column in 0..<width {
                rows.values[(block * total + sample) * width + column] = value(block, sample, column)
            }
        }
    }
    try FactorsExchange([.init(rows, width: width)], blocks: 2, samples: samples).exchange(over: comm)
    for index in rows.values.indices {
        let (block, rest) = index.quotientAndRemainder(dividingBy: total * width)
        let expected = value(block, rest / width, rest % width)
        try expect(rows.values[index] == expected, "factor \(index) is \(rows.values[index]), not \(expected)")
    }
}
