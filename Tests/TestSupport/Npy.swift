package import Foundation

/// An array read from a NumPy file: values in C order, and the length of each axis (none for a scalar).
package struct Npy {
    package let shape: [Int]
    package let values: [Float]

    package struct FormatError: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads a version 1.0, C order, little-endian file of float32 (`<f4`) or of bytes (`|u1`).
    package init(contentsOf file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        func fail(_ what: String) -> FormatError { FormatError(description: "\(file.path): \(what)") }

        guard bytes.count >= 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]) else {
            throw fail("not a .npy file of version 1.0")
        }
        let dataStart = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        guard dataStart <= bytes.count else { throw fail("ends inside its header") }
        let header = String(decoding: bytes[10..<dataStart], as: UTF8.self)
        guard header.contains("'fortran_order': False"), let shape = Self.shape(in: header) else {
            throw fail("can't read the header \(header)")
        }

        let data = bytes[dataStart...]
        switch header {
        case let header where header.contains("'<f4'"):
            values = stride(from: data.startIndex, to: data.endIndex - 3, by: 4).map { at in
                let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[at + $1]) << (8 * UInt32($1)) }
                return Float(bitPattern: bits)
            }
        case let header where header.contains("'|u1'"):
            values = data.map(Float.init)
        default:
            throw fail("neither float32 nor bytes: \(header)")
        }
        self.shape = shape
        guard values.count == shape.reduce(1, *) else {
            throw fail("\(values.count) values for the shape \(shape)")
        }
    }

    /// The numbers between the parentheses of `'shape': (24, 3, 64, 64)`.
    private static func shape(in header: String) -> [Int]? {
        guard let key = header.range(of: "'shape': ("),
            let end = header.range(of: ")", range: key.upperBound..<header.endIndex)
        else { return nil }
        return header[key.upperBound..<end.lowerBound].split(separator: ",")
            .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    }
}
