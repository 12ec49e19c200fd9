import Dispatch
import Pairs
import Synchronization
import Tensors

/// Pairs of pictures that come together, by the paths of their files.
package struct PicturePaths: Equatable, Sendable {
    package let a: String
    package let b: String

    package init(_ a: String, _ b: String) {
        self.a = a
        self.b = b
    }
}

/// Some pairs of pictures, decoded and made ready for the two towers.
@safe final class PictureChunk: @unchecked Sendable {
    /// C × H × W of each tower.
    private let shapes: [Shape]
    private let samples: [FloatStorage]
    /// The pairs that it holds now, and what is wrong with those that can't be read.
    private(set) var pairs: [PicturePaths] = []
    private(set) var faults: [ImageError?] = []

    init(capacity: Int, shapes: [Shape]) {
        self.shapes = shapes
        samples = shapes.map { FloatStorage(count: capacity * $0.count) }
    }

    /// What one thread reads each tower's pictures with.
    final class Readers: @unchecked Sendable {
        fileprivate let columns: [ImageReader]

        init(_ columns: [ImageColumn], _ geometries: [ImageColumn.Geometry], options: DecodingOptions) {
            self.columns = zip(columns, geometries).map {
                ImageReader($0, $1, search: PathSearch(), options: options)
            }
        }
    }

    /// Decodes pairs, each reader on a thread of its own.
    ///
    /// - Parameter root: what stands before each path.
    func load(_ pairs: [PicturePaths], root: String, by readers: [Readers]) {
        self.pairs = pairs
        let next = Atomic(0)
        let found = Mutex([ImageError?](repeating: nil, count: pairs.count))
        DispatchQueue.concurrentPerform(iterations: min(readers.count, pairs.count)) { thread in
            while true {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < pairs.count else { return }
                if let fault = self.read(pairs[number], as: number, root, readers[thread]) {
                    found.withLock { $0[number] = fault }
                }
                Activity.tick()
            }
        }
        faults = found.withLock(\.self)
    }

    private func read(_ pair: PicturePaths, as number: Int, _ root: String, _ readers: Readers) -> ImageError? {
        for (column, path) in [pair.a, pair.b].enumerated() {
            let count = shapes[column].count
            let place = FloatStorage(sliceOf: samples[column], offset: number * count, count: count)
            do throws(ImageError) {
                try place.withMutableSpan { (target: inout MutableSpan<Float>) throws(ImageError) in
                    try readers.columns[column].read(root + path, position: 0, into: &target)
                }
            } catch {
                return error
            }
        }
        return nil
    }

    /// Copies a tower's pictures into the first samples of a blob.
    func copy(column: Int, into blob: Blob) {
        let count = pairs.count * shapes[column].count
        samples[column].withSpan { from in
            blob.withMutableData { to in for at in 0..<count { to[at] = from[at] } }
        }
    }
}
