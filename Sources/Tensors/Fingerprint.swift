/// By what things are known again, on every machine: FNV-1a with 64 bits.
///
/// Snapshots and packed databases keep its values, so they may never change.
package struct Fingerprint: Sendable {
    /// The hash of what was added so far.
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package init(of bytes: Span<UInt8>) { add(bytes) }

    /// Adds a byte; a wider number is taken in at once, for which FNV has no rule of its own.
    package mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0x0000_0100_0000_01b3
    }

    package mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(UInt64(bytes[index])) }
    }

    /// Adds the text's UTF-8 bytes.
    package mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
    }
}
