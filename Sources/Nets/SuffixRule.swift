/// Which layer's name belongs to another's, as written `_p=` or `_right=_left`: a suffix and what stands in its place.
package struct SuffixRule: Equatable, Sendable, CustomStringConvertible {
    package let suffix: String
    package let replacement: String

    /// Reads `SUFFIX=REPLACEMENT`, where the replacement may be empty and the `=` left out with it.
    ///
    /// nil for an empty suffix, which every name has.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let suffix = parts.first, !suffix.isEmpty else { return nil }
        self.suffix = String(suffix)
        replacement = parts.count > 1 ? String(parts[1]) : ""
    }

    /// The name that this one stands beside: "conv1" for "conv1_p"; nil when the name does not end so.
    package func counterpart(of name: String) -> String? {
        name.hasSuffix(suffix) ? name.dropLast(suffix.count) + replacement : nil
    }

    /// The name that has this one as its counterpart: "conv1_p" for "conv1"; nil when none has.
    package func inverse(of name: String) -> String? {
        name.hasSuffix(replacement) ? name.dropLast(replacement.count) + suffix : nil
    }

    /// As it is written: "_p=".
    package var description: String { "\(suffix)=\(replacement)" }
}
