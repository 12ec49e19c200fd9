/// The head of NumPy's own file format, .npy: what is in the file, and where it begins.
///
/// Magic bytes, a version, a length, and a Python dictionary as text, padded so that the values begin at a multiple of 64
/// (numpy.lib.format, versions 1.0 and 2.0, which differ in the size of the length only).
struct NpyHeader: Equatable {
    /// Rows of floats.
    let shape: [Int]
    /// The byte at which the values begin.
    let start: Int

    /// As much of a file as must be there to read the length of the head.
    static let prefix = 12
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// numpy itself refuses longer heads.
    private static let limit = 1 << 16

    /// A complaint about a file.
    struct Malformed: Error, Equatable {
        let problem: String
    }

    /// Takes the head of a file apart.
    ///
    /// - Parameter bytes: the first bytes of the file, or all of it.
    init(_ bytes: Span<UInt8>) throws(Malformed) {
        guard bytes.count >= Self.prefix, Self.magic.indices.allSatisfy({ bytes[$0] == Self.magic[$0] }) else {
            throw Malformed(problem: "it is no .npy file: those begin with the bytes \\x93NUMPY")
        }
        let lengthBytes: Int
        switch (bytes[6], bytes[7]) {
        case (1, 0): lengthBytes = 2
        case (2, 0): lengthBytes = 4
        case let (major, minor):
            throw Malformed(
                problem: "it is .npy version \(major).\(minor), where 1.0 and 2.0 are read; save it with numpy.save")
        }
        let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
        start = 8 + lengthBytes + length
        guard length <= Self.limit else { throw Malformed(problem: "its head is said to be \(length) bytes long") }
        guard start <= bytes.count else { throw Malformed(problem: "it ends inside its head") }
        let text = String(decoding: (8 + lengthBytes..<start).map { bytes[$0] }, as: UTF8.self)
        shape = try Self.shape(in: text)
    }

    /// The head of a file of so many rows of so many floats.
    ///
    /// - Parameter size: how many bytes it has at least.
    static func bytes(rows: Int, columns: Int, size: Int = 0) -> [UInt8] {
        var text = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }".utf8)
        let before = magic.count + 4
        let whole = max((before + text.count + 1 + 63) / 64 * 64, size)
        text += [UInt8](repeating: UInt8(ascii: " "), count: whole - before - text.count - 1)
        text.append(UInt8(ascii: "\n"))
        return magic + [1, 0, UInt8(text.count & 0xff), UInt8(text.count >> 8)] + text
    }

    /// The dictionary's shape, when its values are what is read here.
    private static func shape(in text: String) throws(Malformed) -> [Int] {
        func malformed(_ key: String) -> Malformed { Malformed(problem: "its head has no proper \"\(key)\": \(text)") }
        guard let type = value("descr", in: text) else { throw malformed("descr") }
        guard let order = value("fortran_order", in: text) else { throw malformed("fortran_order") }
        guard type.hasPrefix("'<f4'") || type.hasPrefix("\"<f4\"") else {
            let found = type.prefix { $0 != "," && $0 != "}" }
            throw Malformed(
                problem: "expected float32 ('<f4'), found \(found); save it as numpy.ascontiguousarray(x, '<f4')")
        }
        guard order.hasPrefix("False") else {
            throw Malformed(
                problem: "expected rows one after the other, found columns (fortran_order); save it as "
                    + "numpy.ascontiguousarray(x, '<f4')")
        }
        guard let tuple = value("shape", in: text), tuple.hasPrefix("("), let end = tuple.firstIndex(of: ")") else {
            throw malformed("shape")
        }
        let items = tuple[..<end].dropFirst().split(separator: ",").map { $0.filter { $0 != " " } }
        let numbers = items.compactMap { Int($0) }
        guard numbers.count == items.count, numbers.allSatisfy({ $0 >= 0 }) else { throw malformed("shape") }
        return numbers
    }

    /// What follows a key, without blanks at its start.
    private static func value(_ key: String, in text: String) -> Substring? {
        for quote in ["'", "\""] {
            guard let found = text.firstRange(of: quote + key + quote) else { continue }
            let rest = text[found.upperBound...].drop { $0 == " " }
            guard rest.first == ":" else { return nil }
            return rest.dropFirst().drop { $0 == " " }
        }
        return nil
    }
}
