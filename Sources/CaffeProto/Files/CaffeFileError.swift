internal import Foundation

/// A file of Caffe's that cannot be used: which, where in it, what it should be and what it is.
package struct CaffeFileError: LocalizedError, CustomStringConvertible, Equatable, Sendable {
    package let file: String
    /// What the file was taken for.
    package let expected: CaffeFile.Kind
    /// The byte where reading stopped, from 0; nil when the file as a whole is the wrong one.
    package let offset: UInt64?
    /// "the file ends inside a layer that should be 1200 bytes long".
    package let problem: String
    /// What the file turned out to be, where that is known and another thing: a caller can say which flag takes it.
    package let actual: CaffeFile.Kind?

    init(_ file: String, as expected: CaffeFile.Kind, at offset: UInt64? = nil, _ problem: String) {
        self.file = file
        self.expected = expected
        self.offset = offset
        self.problem = problem
        actual = nil
    }

    /// The file is of another kind.
    init(_ file: String, as expected: CaffeFile.Kind, but actual: CaffeFile.Kind) {
        self.file = file
        self.expected = expected
        self.actual = actual
        offset = nil
        let hint =
            actual == .hdf5 && expected != .prototxt
            ? "; snapshots in HDF5 are not read: save it in Caffe as a binary one (net.save in Python, or "
                + "snapshot_format: BINARYPROTO in the solver)" : ""
        problem = "expected \(expected.name), found \(actual.name)\(hint)"
    }

    /// "net.caffemodel, byte 1024: the file ends inside a layer … (read as a caffemodel)".
    package var description: String {
        let place = offset.map { ", byte \($0)" } ?? ""
        return "\(file)\(place): \(problem)" + (actual == nil ? " (read as \(expected.name))" : "")
    }

    package var errorDescription: String? { description }
}
