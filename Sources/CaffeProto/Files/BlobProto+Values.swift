extension BlobProto {
    /// Reads a file that holds one blob, as `mean_file` does.
    ///
    /// - Throws: `CaffeFileError`.
    package static func read(file path: String) throws(CaffeFileError) -> BlobProto {
        try MessageIndex(path, as: .blob, large: []).decodeRest()
    }

    /// The axes' lengths, outermost first: `shape`, or the four old fields where one of them is set.
    package var dimensions: [Int] {
        guard hasNum || hasChannels || hasHeight || hasWidth else { return shape.dim.map { Int(clamping: $0) } }
        return [num, channels, height, width].map(Int.init)
    }

    /// "10×-1×3", of a length below zero: the file is damaged.
    package var impossibleDimensions: String? {
        dimensions.contains { $0 < 0 } ? dimensions.map(String.init).joined(separator: "×") : nil
    }

    /// The values in row-major order; those given as doubles are rounded.
    package var floats: [Float] {
        doubleData.isEmpty ? data : doubleData.map { Float($0) }
    }
}
