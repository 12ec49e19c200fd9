import CDNNL

/// Memory that kernels of one net use one after the other, each for no longer than its own run.
///
/// As large as the most that any of them asks for, which all do at set-up. One thread computes a net, so nobody waits.
@safe package final class SharedScratch {
    private var storage = FloatStorage(count: 0)

    package init() {}

    package var bytes: Int { storage.count * MemoryLayout<Float>.stride }

    /// Makes room, at set-up.
    package func reserve(bytes: Int) {
        if bytes > self.bytes { storage = FloatStorage(bytes: bytes) }
    }

    /// For a run after all set-up: a later `reserve` may move it.
    @unsafe var pointer: UnsafeMutablePointer<Float> { unsafe storage.pointer }
}
