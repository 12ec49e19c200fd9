/// An image of a pair could not be read: where it is named, and what is wrong with it.
package struct LoadError: Error, Equatable, CustomStringConvertible {
    /// Where the list names it, "train1.txt:17", or the database that it is in.
    package let place: String
    package let image: ImageError
    /// The global position of the sample.
    package let position: Int
    /// What the error ended, where that is more than the image.
    var consequence: String?

    package var description: String { "\(place): \(image)" + (consequence.map { "\n\($0)" } ?? "") }
}
