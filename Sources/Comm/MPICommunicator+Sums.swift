import CMPI

/// All-reduce of floats: within each host first, and in half of the bytes where asked for.
extension MPICommunicator {
    /// Below this many floats the two levels only add latency.
    private static let worthTwoLevels = 4096

    package func allReduceSum(_ values: inout MutableSpan<Float>, wire: Wire) throws {
        try meet(.sumFloats, count: values.count)
        let levels = values.count >= Self.worthTwoLevels ? hierarchy : nil
        try unsafe values.withUnsafeMutableBufferPointer { buffer in
            for part in chunks(of: buffer.count) {
                let chunk = unsafe UnsafeMutableBufferPointer(rebasing: buffer[part])
                if let levels {
                    try unsafe sumOverTwoLevels(chunk, levels, wire)
                } else {
                    try unsafe sum(chunk, over: comm, ranks: size, wire)
                }
            }
        }
    }

    @unsafe private func sumOverTwoLevels(
        _ values: UnsafeMutableBufferPointer<Float>, _ levels: MPIHierarchy, _ wire: Wire
    ) throws {
        let (count, host) = (Int32(values.count), levels.host)
        let isLeader = host.rank == 0
        try check(
            "MPI_Reduce",
            unsafe MPI_Reduce(
                isLeader ? cmpi_in_place() : UnsafeRawPointer(values.baseAddress), isLeader ? values.baseAddress : nil,
                count, cmpi_float(), cmpi_sum(), 0, host.comm))
        if let leaders = unsafe levels.leaders {
            try unsafe sum(values, over: leaders, ranks: levels.hostSizes.count, wire)
        }
        try check("MPI_Bcast", unsafe MPI_Bcast(values.baseAddress, count, cmpi_float(), 0, host.comm))
    }

    @unsafe private func sum(
        _ values: UnsafeMutableBufferPointer<Float>, over comm: MPI_Comm, ranks: Int, _ wire: Wire
    ) throws {
        if wire == .bf16 { return try unsafe sumInHalf(values, over: comm, ranks: ranks) }
        try check(
            "MPI_Allreduce",
            unsafe MPI_Allreduce(
                cmpi_in_place(), values.baseAddress, Int32(values.count), cmpi_float(), cmpi_sum(), comm))
    }

    /// Each rank gets its part of everyone's values, sums it in the order of ranks, and gives the sum to all: as many
    /// values cross the network as in the best all-reduce of float32, each in half of the bytes.
    @unsafe private func sumInHalf(
        _ values: UnsafeMutableBufferPointer<Float>, over comm: MPI_Comm, ranks: Int
    ) throws {
        let part = (values.count + ranks - 1) / ranks
        let bytes = Int32(part * MemoryLayout<UInt16>.stride)
        var mine = [UInt16](repeating: 0, count: part * ranks)
        var theirs = mine
        for index in values.indices { mine[index] = unsafe BFloat16.bits(of: values[index]) }
        try check("MPI_Alltoall", unsafe MPI_Alltoall(mine, bytes, cmpi_byte(), &theirs, bytes, cmpi_byte(), comm))
        var sums = [UInt16](repeating: 0, count: part)
        for index in 0..<part {
            var sum = BFloat16.value(of: theirs[index])
            for rank in 1..<ranks { sum += BFloat16.value(of: theirs[rank * part + index]) }
            sums[index] = BFloat16.bits(of: sum)
        }
        try check("MPI_Allgather", unsafe MPI_Allgather(sums, bytes, cmpi_byte(), &mine, bytes, cmpi_byte(), comm))
        for index in values.indices { unsafe values[index] = BFloat16.value(of: mine[index]) }
    }
}
