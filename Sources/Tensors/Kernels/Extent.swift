/// Height and width of what slides over an image: a kernel, stride, pad or dilation.
package struct Extent: Equatable, Sendable, CustomStringConvertible {
    package let height: Int
    package let width: Int

    package init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    package init(_ both: Int) {
        self.init(height: both, width: both)
    }

    /// "3×3".
    package var description: String { "\(height)×\(width)" }
}
