/// What can be wrong with an image file, or a record of a database.
package enum ImageError: Error, Equatable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    /// The content is something else; `kind` reads "a BMP image".
    case notImage(file: String, kind: String)
    /// The format's library can't decode it, and says why.
    case undecodable(file: String, format: String, reason: String)
    /// Part of the pixels is missing or made up. Caffe would train on grey; this is refused.
    case damaged(file: String, format: String, reason: String)
    /// More pixels than `--max-pixels` allows: what a file of a few bytes may claim, to take all memory.
    case tooLarge(file: String, width: Int, height: Int, limit: Int)
    /// Without a resize all images must have the size of the first.
    case wrongSize(file: String, found: Size, expected: Size)
    case smallerThanCrop(file: String, found: Size, crop: Int)
    /// A database's record that can't be used; `record` reads "record 00000017".
    case badRecord(_ record: String, problem: String)

    /// A picture's width and height, turned the right way up.
    package struct Size: Hashable, Sendable, CustomStringConvertible {
        package let width: Int
        package let height: Int

        package init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }

        package var description: String { "\(width)×\(height)" }
    }

    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): can't read the image: \(reason)"
        case .notImage(let file, let kind):
            "\(file): expected a JPEG or PNG image, found \(kind); convert it to JPEG or PNG"
        case .undecodable(let file, let format, let reason):
            "\(file): can't decode this \(format): \(reason)"
        case .damaged(let file, let format, let reason):
            "\(file): the \(format) is damaged or cut off: \(reason); replace it, or take its line out of all lists"
        case .tooLarge(let file, let width, let height, let limit):
            """
            \(file): \(width)×\(height) pixels are more than the \(limit) that are decoded; shrink the image, or raise \
            --max-pixels
            """
        case .wrongSize(let file, let found, let expected):
            """
            \(file): the image is \(found) pixels where the first of its list is \(expected) (width×height); \
            set new_height and new_width to bring all to one size
            """
        case .smallerThanCrop(let file, let found, let crop):
            "\(file): the image is \(found) pixels, smaller than crop_size \(crop); set new_height and new_width"
        case .badRecord(let record, let problem):
            "\(record): \(problem)"
        }
    }
}
