/// Millions of short byte strings without an object for each: all bytes one after the other, and where each ends.
package struct PackedStrings: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    package init() {}

    package var count: Int { ends.count }

    package subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    /// Where a string stands in `bytes`.
    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    package mutating func append(_ string: some Collection<UInt8>) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    package mutating func reserveCapacity(bytes count: Int) {
        bytes.reserveCapacity(count)
    }
}
