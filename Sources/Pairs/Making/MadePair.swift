/// Two images of a table: the first tower's and the second's.
package struct MadePair: Equatable, Hashable, Sendable, BitwiseCopyable {
    package let first: Int32
    package let second: Int32
    /// Whether both are of one identity.
    package let isMatching: Bool

    package init(_ first: Int, _ second: Int, isMatching: Bool) {
        self.first = Int32(first)
        self.second = Int32(second)
        self.isMatching = isMatching
    }

    /// The same number for the same two images, whichever comes first unless views tell them apart.
    package func key(hasViews: Bool) -> UInt64 {
        let (a, b) = hasViews || first < second ? (first, second) : (second, first)
        return UInt64(a) << 32 | UInt64(b)
    }
}
