import Foundation
import Tensors

/// Which program this is.
package enum Version {
    /// By semantic versioning.
    package static let text = "0.1.0"

    /// A hash of the program's file: what was built of which source, by which compiler.
    package static let build: UInt64 = {
        guard let file = try? Data(contentsOf: URL(filePath: "/proc/self/exe"), options: .alwaysMapped) else {
            return 0
        }
        return unsafe file.withUnsafeBytes { unsafe BulkFingerprint.of($0) }
    }()

    /// "0.1.0 (build 1f2e3d4c5b6a7988)".
    package static var whole: String { "\(text) (build \(build.hexadecimal))" }
}

extension UInt64 {
    /// Sixteen digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
