/// Something that is wrong with the images or labels of lists, or probably not meant.
struct DataFinding: Sendable {
    /// What it is; first what would stop a training.
    enum Kind: String, CaseIterable, Codable, Sendable {
        case missing, unreadable, notImage, damaged, tooLarge, wrongSize
        case leak, conflict, repeatedPair, selfPair, duplicate, oddSize, oddShape, oddLabel, labels

        /// Whether a training would end by it.
        var stops: Bool {
            switch self {
            case .missing, .unreadable, .notImage, .damaged, .tooLarge, .wrongSize: true
            default: false
            }
        }

        var title: String {
            switch self {
            case .missing: "missing"
            case .unreadable: "can't be read"
            case .notImage: "not an image"
            case .damaged: "truncated or damaged"
            case .tooLarge: "too large"
            case .wrongSize: "of a size that does not fit the net"
            case .leak: "images of training in a test"
            case .conflict: "pairs with two labels"
            case .repeatedPair: "pairs given twice"
            case .selfPair: "pairs of an image with itself"
            case .duplicate: "images under several names"
            case .oddSize: "of an unusual size"
            case .oddShape: "of an extreme shape"
            case .oddLabel: "labels that are neither 0 nor 1"
            case .labels: "lists whose labels are one-sided or sorted"
            }
        }
    }

    let kind: Kind
    /// Where it stands, and where what it is compared with stands.
    let place: ImagePlace
    var other: ImagePlace?
    /// What the kind and the places do not say.
    var detail = ""

    init(_ kind: Kind, _ place: ImagePlace, other: ImagePlace? = nil, _ detail: String = "") {
        (self.kind, self.place, self.other, self.detail) = (kind, place, other, detail)
    }

    /// "test1.txt:3: images/a.jpg is in the training as well: train2.txt:7".
    func text(in index: ImageIndex) -> String {
        let path = index.path(place)
        let there =
            other.map { other in
                index.path(other) == path ? index.text(other) : "\(index.text(other)) (\(index.path(other)))"
            } ?? ""
        let text =
            switch kind {
            case .leak: "\(path) is in the training as well: \(there)"
            case .conflict: "\(detail), but the same two images have another at \(there)"
            case .repeatedPair: "the two images are a pair already: \(there)"
            case .selfPair: "both images of the pair are \(path)"
            case .duplicate: "\(path) has the content of \(there)"
            case .oddSize, .oddShape: "\(path): \(detail)"
            default: detail
            }
        return "\(index.text(place)): \(text)"
    }
}
