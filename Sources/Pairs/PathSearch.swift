import Foundation

/// Where a relative path may begin: at the working directory first, then beside the file that names it.
package struct PathSearch: Hashable, Sendable {
    private let base: String?

    /// `baseDirectory`: the prototxt's directory, or nil to look in the working directory only.
    package init(baseDirectory: String? = nil) {
        base = baseDirectory.flatMap { $0.isEmpty || $0 == "." ? nil : $0 }
    }

    /// The places to try for a path, in order; one when it is absolute or there is no base directory.
    package func candidates(_ path: String) -> [String] {
        guard let base, !path.hasPrefix("/") else { return [path] }
        return [path, base.hasSuffix("/") ? base + path : base + "/" + path]
    }

    /// The first place where there is a file, or nil.
    package func find(_ path: String) -> String? {
        candidates(path).first { unsafe access($0, F_OK) == 0 }
    }

    /// " (looked in the working directory and in nets/)", or nothing where there was one place only.
    func places(_ path: String) -> String {
        candidates(path).count == 1 ? "" : " (looked in the working directory and in \(base ?? ""))"
    }
}
