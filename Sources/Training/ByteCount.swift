/// An amount of memory as people write it: "2GB", "500 MB", "1.5GiB".
package struct ByteCount: Equatable, Sendable {
    package let bytes: Int

    /// What is wrong with a text that should be one.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let text: String

        package var description: String {
            "\"\(text)\" is no amount of memory; write a number and a unit (kB, MB, GB, TB, or KiB, MiB, GiB, TiB), "
                + "as in 2GB or 500MiB"
        }
    }

    private static let units: [String: Double] = [
        "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30,
        "tib": 0x1p40,
    ]

    package init(_ text: String) throws(Malformed) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let number = Double(digits), let factor = Self.units[unit],
            let bytes = Int(exactly: (number * factor).rounded())
        else { throw Malformed(text: text) }
        self.bytes = bytes
    }
}
