/// What Caffe's files look like from outside.
package enum CaffeFile {
    package enum Kind: Equatable, Sendable {
        case prototxt, caffemodel, solverstate, blob, hdf5, empty, unknown

        /// With its article, for messages.
        package var name: String {
            switch self {
            case .prototxt: "a prototxt"
            case .caffemodel: "a caffemodel"
            case .solverstate: "a solverstate"
            case .blob: "a binary blob (mean file)"
            case .hdf5: "an HDF5 file"
            case .empty: "an empty file"
            case .unknown: "a file of an unknown kind"
            }
        }
    }

    /// The kind that a file's first bytes show, told by content and never by name.
    ///
    /// A net starts with a length-delimited field (its name, or layers 2 or 100), a solver state with the iteration
    /// as a number, an old-style blob with two numbers, a new one with its values or its shape.
    package static func kind(ofFirst bytes: some Collection<UInt8>) -> Kind {
        let start = Array(bytes.prefix(4096))
        guard let first = start.first else { return .empty }
        if start.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) { return .hdf5 }
        if !start.contains(where: { $0 < 32 && !(9...13).contains($0) }) { return .prototxt }
        switch first {
        case 0x0a, 0x12: return .caffemodel
        case 0xa2 where start.dropFirst().first == 0x06: return .caffemodel
        case 0x08:
            let second = start.dropFirst().drop { $0 >= 0x80 }.dropFirst().first
            return second == 0x10 ? .blob : .solverstate
        case 0x2a, 0x3a: return .blob
        default: return .unknown
        }
    }

    /// The kind that a file's content shows; what is neither binary nor empty counts as a prototxt.
    ///
    /// - Throws: `CaffeFileError` when it cannot be read.
    static func kind(ofFile path: String) throws(CaffeFileError) -> Kind {
        let file = try InputFile(path, as: .prototxt)
        let kind = kind(ofFirst: try file.read(at: 0, count: min(file.size, 4096)))
        return kind == .unknown ? .prototxt : kind
    }

    /// The bytes of a text file of at most 16 MiB: what is read takes many times as much.
    ///
    /// - Throws: `CaffeFileError` when it cannot be read or is one of Caffe's binary files.
    static func text(of path: String) throws(CaffeFileError) -> [UInt8] {
        let file = try InputFile(path, as: .prototxt)
        try file.checkKind(among: [.prototxt, .unknown, .empty])
        guard file.size <= 1 << 24 else {
            throw CaffeFileError(
                path, as: .prototxt, "has \(file.size) bytes: too many for a prototxt, which has 16 MiB at most")
        }
        return try file.read(at: 0, count: file.size)
    }
}
