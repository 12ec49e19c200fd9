import Synchronization

extension Span<Float> {
    /// Whether none is infinite or undefined.
    ///
    /// Adding one to an exponent of all ones carries into the sign bit, and nothing else does: three operations on whole
    /// vectors, and no branch, so that it runs as fast as memory gives the floats.
    package var areFinite: Bool {
        var carries: UInt32 = 0
        for index in indices { carries |= (self[index].bitPattern & 0x7f80_0000) &+ 0x0080_0000 }
        return carries >> 31 == 0
    }
}

extension FloatStorage {
    /// Whether none of these floats is infinite or undefined; on all threads.
    package func areFinite(_ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of a storage of \(count)")
        let found = Atomic(false)
        nonisolated(unsafe) let storage = self
        Threads.parallel(range.count) { part in
            unsafe storage.withSpan { values in
                let part = range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
                if !values.extracting(part).areFinite { found.store(true, ordering: .relaxed) }
            }
        }
        return !found.load(ordering: .relaxed)
    }

    package var areFinite: Bool { areFinite(0..<count) }
}

extension Blob {
    /// Which slices along the first axis have a number that is infinite or undefined; whatever the layout.
    ///
    /// For looking into what has gone wrong: one number at a time.
    package func brokenSamples(_ part: Part) -> [Int] {
        let samples = shape.axes > 0 ? shape[0] : 1
        guard samples > 0 else { return [] }
        let values = numbers(part)
        let length = values.count / samples
        return (0..<samples).filter { sample in
            (sample * length..<(sample + 1) * length).contains { !values[$0].isFinite }
        }
    }

    /// The largest absolute value; of a blob without numbers 0, and of one with a number that is undefined that.
    package func largest(_ part: Part) -> Float {
        numbers(part).reduce(0) { $1.isNaN || $0.isNaN ? .nan : max($0, abs($1)) }
    }

    /// What the blob holds in the order of its storage, padding included.
    private func numbers(_ part: Part) -> [Float] {
        let storage = part == .data ? dataBits : diffBits
        guard layout.precision == .bf16 else { return storage.map(Float.init(bitPattern:)) }
        let both = storage.flatMap { [$0 << 16, $0 & 0xffff_0000] }
        return both.prefix(layout.of(.float32).storageCount(of: shape)).map(Float.init(bitPattern:))
    }

    private var dataBits: [UInt32] { withData { span in span.indices.map { span[$0].bitPattern } } }
    private var diffBits: [UInt32] { withDiff { span in span.indices.map { span[$0].bitPattern } } }
}
