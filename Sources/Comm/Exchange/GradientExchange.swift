/// How the gradients of some parameters become those of the global batch, on every rank.
///
/// Made once; runs in each step, on the communication thread, while backward goes on with the layers below.
package protocol GradientExchange: AnyObject {
    /// Exchanges what backward has left in the buffers. Collective; afterwards all ranks have what they need to update.
    func exchange(over communicator: any Communicator) throws
}

/// A buffer of floats that lives as long as the net.
package protocol FloatBuffer: AnyObject {
    var count: Int { get }
    func withMutableSpan<R, E: Error>(_ body: (inout MutableSpan<Float>) throws(E) -> R) throws(E) -> R
}

extension FloatBuffer {
    /// Lends a part of the buffer.
    func withPart<R>(_ range: Range<Int>, _ body: (inout MutableSpan<Float>) throws -> R) throws -> R {
        try withMutableSpan { (span: inout MutableSpan<Float>) throws -> R in
            var part = span._mutatingExtracting(range)
            return try body(&part)
        }
    }
}
