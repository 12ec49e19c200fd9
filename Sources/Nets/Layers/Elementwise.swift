import Tensors

/// Loops over all numbers of a blob on this rank's threads, in any layout; source and destination may be one blob.
enum Elementwise {
    /// Computes to.data[i] = function(from.data[i]).
    @inline(__always)
    static func forward(_ from: Blob, to: Blob, _ function: @Sendable (Float) -> Float) {
        nonisolated(unsafe) let (source, target) = (from, to)
        Threads.parallel(from.storageCount) { range in
            unsafe target.withMutableData { y in
                if unsafe source === target {
                    for i in range { y[i] = function(y[i]) }
                } else {
                    unsafe source.withData { x in
                        for i in range { y[i] = function(x[i]) }
                    }
                }
            }
        }
    }

    /// Computes to.diff[i] = function(from.diff[i], value.data[i]).
    @inline(__always)
    static func backward(_ from: Blob, value: Blob, to: Blob, _ function: @Sendable (Float, Float) -> Float) {
        nonisolated(unsafe) let (source, saved, target) = (from, value, to)
        Threads.parallel(from.storageCount) { range in
            unsafe target.withMutableDiff { dx in
                unsafe saved.withData { value in
                    if unsafe source === target {
                        for i in range { dx[i] = function(dx[i], value[i]) }
                    } else {
                        unsafe source.withDiff { dy in
                            for i in range { dx[i] = function(dy[i], value[i]) }
                        }
                    }
                }
            }
        }
    }

    /// Computes to.data = from.data, for blobs of one size; nothing where they are one blob.
    static func copyData(_ from: Blob, to: Blob) {
        if from !== to { forward(from, to: to) { x in x } }
    }

    /// Computes to.diff = from.diff, for blobs of one size; nothing where they are one blob.
    static func copyDiff(_ from: Blob, to: Blob) {
        if from !== to { backward(from, value: to, to: to) { dy, _ in dy } }
    }
}
