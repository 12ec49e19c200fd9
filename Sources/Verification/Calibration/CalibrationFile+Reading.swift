package import Foundation
import Tensors

extension CalibrationFile {
    /// Reads a file and checks that all its models can be used.
    package init(contentsOf path: String) throws(CalibrationFileError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw .unreadable(file: path, reason: error.localizedDescription)
        }
        try self.init(data, file: path)
    }

    /// - Parameter file: its name in errors.
    package init(_ data: Data, file: String) throws(CalibrationFileError) {
        struct Version: Decodable { let version: Int }
        let decoder = JSONDecoder()
        let result: CalibrationFile
        do {
            let found = try decoder.decode(Version.self, from: data).version
            guard found == Self.version else { throw CalibrationFileError.otherVersion(file: file, found: found) }
            result = try decoder.decode(CalibrationFile.self, from: data)
        } catch let error as CalibrationFileError {
            throw error
        } catch {
            throw .malformed(file: file, problem: Self.problem(error))
        }
        if let problem = result.unusable { throw .malformed(file: file, problem: problem) }
        self = result
    }

    /// What in it makes no sense, if anything.
    private var unusable: String? {
        let points = isotonic.distances
        let values = isotonic.probabilities
        if points.isEmpty || points.count != values.count
            || zip(points, points.dropFirst()).contains(where: { $0 >= $1 })
            || values.contains(where: { !(0...1).contains($0) })
        {
            return "the isotonic regression needs rising distances, each with a probability"
        }
        if !logistic.slope.isFinite || !logistic.intercept.isFinite { return "the logistic regression is no line" }
        if gaussians?.isUsable == false { return "the two Gaussians are no densities" }
        if identities?.isUsable == false { return "the identities' densities are none" }
        return nil
    }

    private static func problem(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return error.localizedDescription }
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "" : "\(path): "
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context))no \"\(key.stringValue)\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return place(context) + context.debugDescription
        @unknown default: return error.localizedDescription
        }
    }

    /// Checks that embeddings of this length can be judged.
    package func check(length: Int, file: String) throws(CalibrationFileError) {
        if let expected = embeddingLength, expected != length {
            throw .wrongLength(file: file, expected: expected, found: length)
        }
    }

    /// Checks that it was made for these weights.
    package func check(weights found: Weights, file: String) throws(CalibrationFileError) {
        guard found.checksum == weights.checksum else {
            throw .otherWeights(file: file, expected: weights, found: found)
        }
    }
}

extension CalibrationFile.Weights {
    /// Names weights files by their bytes: several, from which a net takes its weights together, as one.
    package init(contentsOf paths: [String]) throws(CalibrationFileError) {
        var checksum = Checksum()
        for path in paths {
            do {
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                defer { try? handle.close() }
                while let piece = try handle.read(upToCount: 1 << 22), !piece.isEmpty {
                    let bytes = [UInt8](piece)
                    checksum.add(bytes.span)
                }
            } catch {
                throw .unreadable(file: path, reason: error.localizedDescription)
            }
        }
        let digits = String(checksum.value, radix: 16)
        self.init(
            file: paths.map { URL(fileURLWithPath: $0).lastPathComponent }.joined(separator: ","),
            checksum: String(repeating: "0", count: 16 - digits.count) + digits)
    }
}

/// What can be wrong with a calibration file.
package enum CalibrationFileError: Error, Equatable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    case malformed(file: String, problem: String)
    case otherVersion(file: String, found: Int)
    case wrongLength(file: String, expected: Int, found: Int)
    case otherWeights(file: String, expected: CalibrationFile.Weights, found: CalibrationFile.Weights)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "can't read \(file): \(reason)"
        case .malformed(let file, let problem):
            "\(file) is no calibration file: \(problem); make it anew with twotower calibrate"
        case .otherVersion(let file, let found):
            """
            \(file) is a calibration file of version \(found), and this twotower knows version \
            \(CalibrationFile.version): make it anew with twotower calibrate, or take the twotower that wrote it
            """
        case .wrongLength(let file, let expected, let found):
            """
            \(file) was made for embeddings of \(expected) numbers, and this net's have \(found): calibrate this net \
            with twotower calibrate
            """
        case .otherWeights(let file, let expected, let found):
            """
            \(file) was made for the weights \(expected.file) (XXH64 \(expected.checksum)), and these are \(found.file) \
            (\(found.checksum)): calibrate these with twotower calibrate, or give the file that belongs to them
            """
        }
    }
}
