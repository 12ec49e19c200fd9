import CMPI

/// The collectives on buffers of one part a rank, and the swap between two.
extension MPICommunicator {
    package func allGather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        let parts = try meet(.allGatherFloats, values.count, counts)
        try unsafe values.withUnsafeMutableBufferPointer { buffer in
            if let hierarchy, hierarchy.isContiguous {
                return try unsafe allGatherOverTwoLevels(buffer.baseAddress, parts, hierarchy)
            }
            try unsafe allGather(buffer.baseAddress, parts, over: comm)
        }
    }

    /// The parts of a host go to its first rank, those of all hosts to the first ranks of all, and from there to the rest.
    @unsafe private func allGatherOverTwoLevels(
        _ base: UnsafeMutablePointer<Float>?, _ parts: Parts, _ levels: MPIHierarchy
    ) throws {
        var perHost: [Int] = []
        var first = 0
        for size in levels.hostSizes {
            perHost.append(parts.counts[first..<first + size].reduce(0, +))
            first += size
        }
        let ranges = parts.ranges
        let members = hostLeader..<hostLeader + localSize
        let start = ranges[hostLeader].lowerBound
        let local = Parts(Array(parts.counts[members]), in: parts.counts[members].reduce(0, +))
        try unsafe gather(base.map { unsafe $0 + start }, local, at: localRank, over: levels.host.comm)
        let total = parts.counts.reduce(0, +)
        if let leaders = unsafe levels.leaders {
            try unsafe allGather(base, Parts(perHost, in: total), over: leaders)
        }
        try check("MPI_Bcast", unsafe MPI_Bcast(base, Int32(total), cmpi_float(), 0, levels.host.comm))
    }

    @unsafe private func allGather(
        _ base: UnsafeMutablePointer<Float>?, _ parts: Parts, over comm: MPI_Comm
    ) throws {
        try check(
            "MPI_Allgatherv",
            unsafe MPI_Allgatherv(
                cmpi_in_place(), 0, cmpi_float(), base, parts.int32Counts, parts.int32Starts, cmpi_float(), comm))
    }

    package func gather(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        let parts = try meet(.gatherFloats, values.count, counts)
        try unsafe values.withUnsafeMutableBufferPointer { buffer in
            try unsafe gather(buffer.baseAddress, parts, at: rank, over: comm)
        }
    }

    @unsafe private func gather(
        _ base: UnsafeMutablePointer<Float>?, _ parts: Parts, at rank: Int, over comm: MPI_Comm
    ) throws {
        let own = unsafe base.map { unsafe UnsafeRawPointer($0 + parts.ranges[rank].lowerBound) }
        try check(
            "MPI_Gatherv",
            unsafe MPI_Gatherv(
                rank == 0 ? cmpi_in_place() : own, Int32(parts.counts[rank]), cmpi_float(), base, parts.int32Counts,
                parts.int32Starts, cmpi_float(), 0, comm))
    }

    /// Each rank gets everyone's values of its part and sums them: (P − 1) / P of the buffer crosses the network, once. (MPI_Reduce_scatter takes three times as long for 430 MB at 1 Gbit/s in OpenMPI 4.1.4.)
    package func reduceScatterSum(_ values: inout MutableSpan<Float>, counts: [Int]) throws {
        let parts = try meet(.reduceScatterFloats, values.count, counts)
        let round = min(Self.floatsARound, counts.max() ?? 0)
        var received = [Float](repeating: 0, count: size * round)
        for start in stride(from: 0, to: counts.max() ?? 0, by: max(round, 1)) {
            let lengths = counts.map { min(max($0 - start, 0), round) }
            let own = lengths[rank]
            try unsafe values.withUnsafeMutableBufferPointer { buffer in
                try check(
                    "MPI_Alltoallv",
                    unsafe MPI_Alltoallv(
                        buffer.baseAddress, lengths.map { Int32($0) },
                        parts.ranges.map { Int32($0.lowerBound + start) },
                        cmpi_float(), &received, lengths.map { _ in Int32(own) },
                        lengths.indices.map { Int32($0 * own) },
                        cmpi_float(), comm))
            }
            for (to, from) in BinaryTree.additions(size) {
                for index in 0..<own { received[to * own + index] += received[from * own + index] }
            }
            let first = parts.ranges[rank].lowerBound + start
            for index in 0..<own { values[first + index] = received[index] }
        }
    }

    /// Of each part: 4 MiB, so that the room for what others send stays small.
    private static let floatsARound = 1 << 20

    package func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>, with partner: Int) throws {
        try meet(.swapFloats)
        precondition(max(mine.count, theirs.count) <= longestCall, "a swap of \(mine.count) floats")
        try unsafe mine.withUnsafeBufferPointer { mine in
            try unsafe theirs.withUnsafeMutableBufferPointer { theirs in
                try check(
                    "MPI_Sendrecv",
                    unsafe MPI_Sendrecv(
                        mine.baseAddress, Int32(mine.count), cmpi_float(), Int32(partner), 0,
                        theirs.baseAddress, Int32(theirs.count), cmpi_float(), Int32(partner), 0, comm,
                        cmpi_status_ignore()))
            }
        }
    }

    private func meet(_ collective: Collective, _ length: Int, _ counts: [Int]) throws -> Parts {
        precondition(counts.count == size, "\(counts.count) parts for \(size) ranks")
        precondition(length <= Int(Int32.max), "\(length) floats at once: long buffers go bucket by bucket")
        try meet(collective, count: length)
        return Parts(counts, in: length)
    }
}

extension Parts {
    fileprivate var int32Counts: [Int32] { counts.map { Int32($0) } }
    fileprivate var int32Starts: [Int32] { ranges.map { Int32($0.lowerBound) } }
}
