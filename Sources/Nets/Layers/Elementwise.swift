import Tensors

/// A function that a layer applies to each number of a blob, and the gradient that it hands down.
///
/// A type and no closure, so that the compiler can make vector code of the loops.
protocol ElementwiseFunction: Sendable {
    /// y of x.
    func value(_ x: Float) -> Float
    /// dx of dy and what the layer looks at again: x, or y for a layer that knows its derivative from that.
    func gradient(_ dy: Float, _ seen: Float) -> Float
}

/// Loops over all numbers of a blob on this rank's threads, in any layout; source and destination may be one blob.
///
/// Each thread cuts its part out of the spans, and hands it to a loop in a function of its own: there, and not in a
/// closure, the compiler sees that nothing needs a check.
enum Elementwise {
    /// Sets each number of `to`'s data to the function of that of `from`'s.
    static func forward(_ from: Blob, to: Blob, _ function: some ElementwiseFunction) {
        nonisolated(unsafe) let (source, target) = (from, to)
        Threads.parallel(from.storageCount) { range in
            unsafe target.withMutableData { y in
                var y = y._mutatingExtracting(range)
                if unsafe source === target {
                    set(&y, to: function)
                } else {
                    unsafe source.withData { x in set(&y, to: function, of: x.extracting(range)) }
                }
            }
        }
    }

    /// Sets each number of `to`'s diff to the gradient by that of `from`'s diff and of `seen`'s data.
    static func backward(_ from: Blob, seen: Blob, to: Blob, _ function: some ElementwiseFunction) {
        nonisolated(unsafe) let (source, seen, target) = (from, seen, to)
        Threads.parallel(from.storageCount) { range in
            unsafe target.withMutableDiff { dx in
                var dx = dx._mutatingExtracting(range)
                unsafe seen.withData { seen in
                    let seen = seen.extracting(range)
                    if unsafe source === target {
                        setGradient(&dx, by: function, seen)
                    } else {
                        unsafe source.withDiff { dy in setGradient(&dx, by: function, dy.extracting(range), seen) }
                    }
                }
            }
        }
    }

    private static func set(_ y: inout MutableSpan<Float>, to function: some ElementwiseFunction) {
        for i in y.indices { y[i] = function.value(y[i]) }
    }

    private static func set(
        _ y: inout MutableSpan<Float>, to function: some ElementwiseFunction, of x: Span<Float>
    ) {
        precondition(x.count == y.count)
        for i in y.indices { y[i] = function.value(x[i]) }
    }

    private static func setGradient(
        _ dx: inout MutableSpan<Float>, by function: some ElementwiseFunction, _ seen: Span<Float>
    ) {
        precondition(seen.count == dx.count)
        for i in dx.indices { dx[i] = function.gradient(dx[i], seen[i]) }
    }

    private static func setGradient(
        _ dx: inout MutableSpan<Float>, by function: some ElementwiseFunction, _ dy: Span<Float>, _ seen: Span<Float>
    ) {
        precondition(dy.count == dx.count && seen.count == dx.count)
        for i in dx.indices { dx[i] = function.gradient(dy[i], seen[i]) }
    }

    /// to.data = from.data, for blobs of one size; nothing where they are one blob.
    static func copyData(_ from: Blob, to: Blob) {
        if from !== to { forward(from, to: to, Identity()) }
    }

    /// to.diff = from.diff, for blobs of one size; nothing where they are one blob.
    static func copyDiff(_ from: Blob, to: Blob) {
        if from !== to { backward(from, seen: to, to: to, Identity()) }
    }

    private struct Identity: ElementwiseFunction {
        func value(_ x: Float) -> Float { x }
        func gradient(_ dy: Float, _ seen: Float) -> Float { dy }
    }
}
