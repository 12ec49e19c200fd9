package import Foundation

/// What the original Caffe computed, copied into `Tests/Golden`.
package enum Golden {
    /// `Tests/Golden`; paths in its prototxt and list files are relative to it.
    package static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden", directoryHint: .isDirectory)

    /// The path of a file of it, "images/00_astronaut_a.jpg".
    package static func path(_ file: String) -> String {
        directory.appending(path: file).path
    }

    /// An array of it, "preproc/rs64.npy".
    package static func array(_ file: String) throws -> Npy {
        try Npy(contentsOf: directory.appending(path: file))
    }
}
