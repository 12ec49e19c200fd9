import Foundation

/// A fault of the file system: what was to be done, with which file, and the system's own reason.
package struct FileError: Error, CustomStringConvertible {
    package let action: String
    package let path: String
    package let reason: String

    package init(_ action: String, _ path: String, reason: String) {
        self.action = action
        self.path = path
        self.reason = reason
    }

    /// With the reason of the C library's last error.
    package static func system(_ action: String, _ path: String) -> FileError {
        FileError(action, path, reason: unsafe String(cString: strerror(errno)))
    }

    /// The system's own words where Foundation wraps them ("No space left on device").
    package static func reason(of error: any Error) -> String {
        let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
        guard inner.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return unsafe String(cString: strerror(Int32(inner.code)))
    }

    package var description: String { "can't \(action) \(path): \(reason)" }
}
