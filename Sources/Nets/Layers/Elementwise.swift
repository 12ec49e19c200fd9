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
/// Each thread cuts its part out of the spans first, so that the loops themselves have no checks.
enum Elementwise {
    /// Sets each number of `to`'s data to the function of that of `from`'s.
    static func forward(_ from: Blob, to: Blob, _ function: some ElementwiseFunction) {
        nonisolated(unsafe) let (source, target) = (from, to)
        Threads.parallel(from.storageCount) { range in
            unsafe target.withMutableData { whole in
                var y = whole._mutatingExtracting(range)
                if unsafe source === target {
                    for i in 0..<range.count { y[i] = function.value(y[i]) }
                } else {
                    unsafe source.withData { whole in
                        let x = whole.extracting(range)
                        for i in 0..<range.count { y[i] = function.value(x[i]) }
                    }
                }
            }
        }
    }

    /// Sets each number of `to`'s diff to the gradient by that of `from`'s diff and of `seen`'s data.
    static func backward(_ from: Blob, seen: Blob, to: Blob, _ function: some ElementwiseFunction) {
        nonisolated(unsafe) let (source, seen, target) = (from, seen, to)
        Threads.parallel(from.storageCount) { range in
            unsafe target.withMutableDiff { whole in
                var dx = whole._mutatingExtracting(range)
                unsafe seen.withData { whole in
                    let seen = whole.extracting(range)
                    if unsafe source === target {
                        for i in 0..<range.count { dx[i] = function.gradient(dx[i], seen[i]) }
                    } else {
                        unsafe source.withDiff { whole in
                            let dy = whole.extracting(range)
                            for i in 0..<range.count { dx[i] = function.gradient(dy[i], seen[i]) }
                        }
                    }
                }
            }
        }
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
