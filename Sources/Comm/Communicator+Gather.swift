extension Communicator {
    /// Gives rank zero every rank's string, in the order of ranks, and the others an empty array.
    ///
    /// Collective.
    package func gather(_ text: String) throws -> [String] {
        try gather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Gives rank zero every rank's floats, in the order of ranks, and the others an empty array.
    ///
    /// Collective; any lengths.
    package func gather(_ values: [Float]) throws -> [[Float]] {
        let bytes = unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
        return try gather(bytes).map(Self.floats)
    }

    /// Gives every rank every rank's string, in the order of ranks.
    ///
    /// Collective.
    package func allGather(_ text: String) throws -> [String] {
        let texts = try gather(Array(text.utf8))
        // Lengths first, since the texts may hold any byte.
        var lengths = [Int](repeating: 0, count: size)
        for (rank, text) in texts.enumerated() { lengths[rank] = text.count }
        try allReduceMaximum(&lengths)
        var joined = [UInt8](texts.joined())
        try broadcast(&joined)
        var rest = joined[...]
        return lengths.map { length in
            defer { rest = rest.dropFirst(length) }
            return String(decoding: rest.prefix(length), as: UTF8.self)
        }
    }

    private static func floats(_ bytes: [UInt8]) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: bytes.count / MemoryLayout<Float>.stride) { buffer, count in
            unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
            count = bytes.count / MemoryLayout<Float>.stride
        }
    }
}
