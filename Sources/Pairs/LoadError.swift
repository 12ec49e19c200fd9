/// An image of a pair could not be read: where the list names it, and what is wrong with it.
package struct LoadError: Error, Equatable, CustomStringConvertible {
    /// Where the list names it: "train1.txt:17".
    package let place: String
    package let image: ImageError
    /// The global position of the sample.
    package let position: Int

    package var description: String { "\(place): \(image)" }
}
