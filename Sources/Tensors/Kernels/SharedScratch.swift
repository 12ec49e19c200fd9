/// Memory that the kernels of a net use one after the other, each for no longer than its own call.
///
/// As large as the most that any of them asks for, which all do at set-up. One thread at a time computes a net.
@safe package final class SharedScratch {
    private var storage = FloatStorage(count: 0)

    package init() {}

    /// Makes room for as many floats, at set-up.
    package func reserve(_ count: Int) {
        if count > storage.count { storage = FloatStorage(count: count) }
    }

    package var count: Int { storage.count }

    /// For the calls after set-up: a later `reserve` may move it.
    @unsafe var pointer: UnsafeMutablePointer<Float> { unsafe storage.pointer }
}
