// The checks of sums and of the gradient exchange.

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

func buckets(_ comm: any Communicator) throws {
    let exchange = AllReduceExchange(over: comm, bucketBytes: 64 * MemoryLayout<Float>.stride)
    for count in [0, 63, 64, 1000] {
        var gradients = (0..<count).map { Float(comm.rank + $0) }
        var span = gradients.mutableSpan
        try exchange.exchange(&span)
        let expected = (0..<count).map { Float(comm.size * (comm.size - 1) / 2 + comm.size * $0) }
        try expect(gradients == expected, "wrong sums in \(count) gradients")
    }
}
