import Tensors

/// The batches that are finished or under way: for each slot the images of every column, and the labels.
///
/// Workers write samples of their own, and the queue tells when a slot is whole: no float has two users at a time,
/// which is why the class may be shared.
final class BatchRing: @unchecked Sendable {
    private struct Slot {
        /// One storage a column, and the same cut into samples.
        let images: [FloatStorage]
        let samples: [[FloatStorage]]
        let labels: FloatStorage
        let label: [FloatStorage]

        init(samples count: Int, shapes: [Shape]) {
            images = shapes.map { FloatStorage(count: count * $0.count) }
            samples = images.map { Self.cut($0, into: count) }
            labels = FloatStorage(count: count)
            label = Self.cut(labels, into: count)
        }

        private static func cut(_ whole: FloatStorage, into parts: Int) -> [FloatStorage] {
            let size = whole.count / parts
            return (0..<parts).map { FloatStorage(sliceOf: whole, offset: $0 * size, count: size) }
        }
    }

    private let slots: [Slot]

    init(depth: Int, samples: Int, shapes: [Shape]) {
        slots = (0..<depth).map { _ in Slot(samples: samples, shapes: shapes) }
    }

    /// The floats of one sample, to be written.
    func withSample<R, E: Error>(
        slot: Int, column: Int, sample: Int, _ body: (inout MutableSpan<Float>) throws(E) -> R
    ) throws(E) -> R {
        try slots[slot].samples[column][sample].withMutableSpan(body)
    }

    func setLabel(_ label: Float, slot: Int, sample: Int) {
        slots[slot].label[sample].fill(label)
    }

    /// Copies samples of a slot out.
    func copy(_ slot: Int, _ samples: Range<Int>, into data: [Blob], labels: [Blob]) {
        let slot = slots[slot]
        precondition(data.count == slot.images.count, "\(data.count) blobs for \(slot.images.count) columns")
        for (blob, storage) in zip(data, slot.images) { Self.copy(samples, of: storage, slot.label.count, into: blob) }
        for blob in labels { Self.copy(samples, of: slot.labels, slot.label.count, into: blob) }
    }

    /// - Parameter count: of all samples in the storage.
    private static func copy(_ samples: Range<Int>, of storage: FloatStorage, _ count: Int, into blob: Blob) {
        let size = storage.count / count
        precondition(
            blob.layout == .plain && blob.count == samples.count * size, "\(samples.count * size) floats into \(blob)")
        storage.withSpan { all in
            let source = all.extracting(samples.lowerBound * size..<samples.upperBound * size)
            blob.withMutableData { target in
                for index in source.indices { target[index] = source[index] }
            }
        }
    }
}
