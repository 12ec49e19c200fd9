import CMPI

extension MPICommunicator {
    package func broadcast(_ values: inout MutableSpan<Float>) throws {
        try meet(.broadcastFloats, count: values.count)
        try unsafe values.withUnsafeMutableBufferPointer { buffer in
            for part in chunks(of: buffer.count) {
                let chunk = unsafe UnsafeMutableBufferPointer(rebasing: buffer[part])
                try check(
                    "MPI_Bcast",
                    unsafe MPI_Bcast(chunk.baseAddress, Int32(chunk.count), cmpi_float(), 0, comm))
            }
        }
    }

    package func broadcast(_ bytes: inout [UInt8]) throws {
        try meet(.broadcastBytes)
        try spread(&bytes, from: 0)
    }

    package func allReduceSum(_ values: inout [Double]) throws {
        precondition(values.count <= longestCall, "\(values.count) doubles: long buffers are floats")
        try meet(.sumDoubles, count: values.count)
        try check(
            "MPI_Allreduce",
            unsafe MPI_Allreduce(
                cmpi_in_place(), &values, Int32(values.count), cmpi_double(), cmpi_sum(), comm))
    }

    package func allReduceMaximum(_ values: inout [Int]) throws {
        precondition(values.count <= longestCall, "\(values.count) integers: long buffers are floats")
        try meet(.maximumInts, count: values.count)
        try check(
            "MPI_Allreduce",
            unsafe MPI_Allreduce(
                cmpi_in_place(), &values, Int32(values.count), cmpi_int64(), cmpi_max(), comm))
    }

    package func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
        try meet(.gatherBytes)
        var (length, lengths) = (bytes.count, [Int](repeating: 0, count: size))
        try check(
            "MPI_Allgather",
            unsafe MPI_Allgather(&length, 1, cmpi_int64(), &lengths, 1, cmpi_int64(), comm))
        // Rounds, each so short that the sum of all parts still is a count for MPI.
        let part = max(1, longestCall / size)
        var result = rank == 0 ? lengths.map { [UInt8](capacity: $0) } : []
        for start in stride(from: 0, to: lengths.max() ?? 0, by: part) {
            let counts = lengths.map { min(max($0 - start, 0), part) }
            let received = try gatherRound(Array(bytes.dropFirst(start).prefix(part)), counts)
            var end = 0
            for rank in result.indices {
                result[rank] += received[end..<end + counts[rank]]
                end += counts[rank]
            }
        }
        return result
    }

    /// Gathers `counts[rank]` bytes of each rank, one after the other, at rank zero.
    private func gatherRound(_ bytes: [UInt8], _ counts: [Int]) throws -> [UInt8] {
        var starts: [Int32] = []
        var total = 0
        for count in counts {
            starts.append(Int32(total))
            total += count
        }
        var received = [UInt8](repeating: 0, count: rank == 0 ? total : 0)
        try check(
            "MPI_Gatherv",
            unsafe MPI_Gatherv(
                bytes, Int32(bytes.count), cmpi_byte(), &received, counts.map { Int32($0) }, starts, cmpi_byte(), 0,
                comm))
        return received
    }

    /// Replaces `bytes` by those of rank `root`, of any length, without a roll call.
    func spread(_ bytes: inout [UInt8], from root: Int) throws {
        var length = bytes.count
        try check("MPI_Bcast", unsafe MPI_Bcast(&length, 1, cmpi_int64(), Int32(root), comm))
        if rank != root { bytes = [UInt8](repeating: 0, count: length) }
        try unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            for part in chunks(of: length) {
                let chunk = unsafe UnsafeMutableBufferPointer(rebasing: buffer[part])
                try check(
                    "MPI_Bcast",
                    unsafe MPI_Bcast(
                        chunk.baseAddress, Int32(chunk.count), cmpi_byte(), Int32(root), comm))
            }
        }
    }

    /// `0 ..< count` cut into ranges that one MPI call can take.
    func chunks(of count: Int) -> some Sequence<Range<Int>> {
        let longest = longestCall
        return stride(from: 0, to: count, by: longest).lazy.map { $0..<min($0 + longest, count) }
    }
}

extension [UInt8] {
    fileprivate init(capacity: Int) {
        self.init()
        reserveCapacity(capacity)
    }
}
