import Nets
import Tensors

/// A rule on its way over the parameters: each weight and what is remembered of it are read and written once.
///
/// Sendable, since its threads divide the buffers between them.
@safe struct Update: @unchecked Sendable {
    let rule: any UpdateRule
    let gradient: DecayedGradient
    let weights: FloatStorage
    /// What is remembered of each weight, laid out like the weights.
    let first: FloatStorage
    /// The same as `first` for a rule that remembers one number.
    let second: FloatStorage
    var hasSecond: Bool { first !== second }

    /// Floats of a gradient that are made at a time, some whole rows: about two megabytes, which stay in the caches, so that
    /// the gradient itself costs no memory traffic at all. (Narrower tiles were slower: weights are then read in snatches.)
    private static let tile = 1 << 19
    /// Kernels of matrix products like rows in eights.
    private static let rowGrain = 8

    private static func rows(of factors: Factors) -> Int {
        max(1, tile / factors.rightWidth / rowGrain) * rowGrain
    }

    /// Room for a tile a thread.
    @safe struct Scratch: @unchecked Sendable {
        fileprivate let tiles: [FloatStorage]

        /// - Parameter store: whose factors are settled.
        init(_ store: ParameterStore) {
            let sizes = store.parameters.map { parameter in
                if case .factors(let factors) = parameter.form {
                    Update.rows(of: factors) * factors.rightWidth
                } else {
                    0
                }
            }
            tiles = (0..<Threads.count).map { _ in FloatStorage(count: sizes.max() ?? 0) }
        }
    }

    /// Updates a stretch of the weights by gradients that lie like them.
    func apply(_ gradients: FloatStorage, to range: Range<Int>) {
        nonisolated(unsafe) let gradients = gradients
        Threads.parallel(range.count) { part in
            let range = range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
            unsafe gradients.withSpan { g in run(range, g.extracting(range)) }
        }
    }

    /// Updates the weights that begin at `offset` by a gradient that is made from its factors, some rows at a time.
    func apply(_ factors: Factors, at offset: Int, _ scratch: Scratch) {
        nonisolated(unsafe) let shared = factors
        let (height, width) = (Self.rows(of: factors), factors.rightWidth)
        let tiles = (factors.leftWidth + height - 1) / height
        let threads = min(scratch.tiles.count, tiles)
        Threads.parallel(threads, grain: 1) { part in
            for thread in part {
                for tile in tiles * thread / threads..<tiles * (thread + 1) / threads {
                    let rows = unsafe tile * height..<min((tile + 1) * height, shared.leftWidth)
                    scratch.tiles[thread].withMutableSpan { gradient in
                        var gradient = gradient._mutatingExtracting(0..<rows.count * width)
                        unsafe shared.gradient(ofRows: rows, into: &gradient)
                        run(offset + rows.lowerBound * width..<offset + rows.upperBound * width, gradient.span)
                    }
                }
            }
        }
    }

    /// Runs the rule over the weights of a range.
    private func run(_ range: Range<Int>, _ gradients: Span<Float>) {
        weights.withMutableSpan { (w: inout MutableSpan<Float>) in
            first.withMutableSpan { (a: inout MutableSpan<Float>) in
                second.withMutableSpan { (b: inout MutableSpan<Float>) in
                    var weights = w._mutatingExtracting(range)
                    var first = a._mutatingExtracting(range)
                    var second = b._mutatingExtracting(hasSecond ? range : 0..<0)
                    rule.apply(&weights, gradients, gradient, &first, &second)
                }
            }
        }
    }
}

/// Which part of the parameters this rank updates.
package struct UpdateDivision {
    /// The part of a stretch of the flat buffers that is this rank's to update.
    let own: (Range<Int>) -> Range<Int>
    /// Whether other ranks update a part of it.
    let isDivided: (Range<Int>) -> Bool
    /// Sums over all ranks.
    let sum: (inout [Double]) throws -> Void

    /// Every rank updates everything.
    package static var none: UpdateDivision {
        UpdateDivision(own: { $0 }, isDivided: { _ in false }, sum: { _ in })
    }
}
