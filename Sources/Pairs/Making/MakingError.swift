/// Why pair lists can't be made of some images.
package enum MakingError: Error, Equatable, CustomStringConvertible {
    case unreadable(what: String, path: String, reason: String)
    /// A table's line that can't be read; `problem` says why.
    case malformed(place: String, problem: String)
    case noImages(source: String)
    /// An image that is named and isn't there; `place` names it: "faces.csv:17".
    case missing(place: String, path: String)
    /// A path or a name that lists can't hold.
    case unwritable(place: String, problem: String)
    /// One picture under two identities, or as both views of one.
    case samePicture(first: Named, second: Named, how: Sameness)
    /// Two lists of identities claim one.
    case inTwoSplits(identity: String, first: String, second: String)
    case unknownIdentity(place: String, identity: String, source: String)
    case shares(String, problem: String)
    case emptySplit(String, identities: Int)
    case noMatchingPair(split: String, identities: Int)
    case tooFewIdentities(split: String)
    case tooFewImpostors(split: String, wanted: Int, possible: Int)
    case tooManyPairs(split: String, count: Int, limit: Int)
    /// An image of a list that was to be left alone is in a split that is trained on.
    case leak(place: String, image: Named, split: String, how: Sameness)

    /// An image with its identity as errors name it.
    package struct Named: Equatable, Sendable, CustomStringConvertible {
        /// Where it was named, with its path: "faces.csv:17: s1/1.png".
        package let place: String
        package let identity: String

        package init(place: String, identity: String) {
            self.place = place
            self.identity = identity
        }

        package var description: String { "\(place) (identity \(identity))" }
    }

    /// By what two images are known to be one.
    package enum Sameness: Equatable, Sendable {
        case file, content
    }

    package var description: String {
        switch self {
        case .unreadable(let what, let path, let reason):
            "can't read the \(what) \(path): \(reason)"
        case .malformed(let place, let problem):
            "\(place): \(problem)"
        case .noImages(let source):
            """
            \(source): found no image; expected a folder with a folder of JPEG or PNG images for each identity, as in \
            faces/s1/1.png, or a table with the columns path and identity
            """
        case .missing(let place, let path):
            "\(place): no such file: \(path); mend the path, or take out the line"
        case .unwritable(let place, let problem):
            "\(place): \(problem); a list has a pair a line, so rename it"
        case .samePicture(let first, let second, let how):
            samePicture(first, second, how)
        case .inTwoSplits(let identity, let first, let second):
            "a leak between splits: \(first) and \(second) both name identity \(identity); take it out of one"
        case .unknownIdentity(let place, let identity, let source):
            "\(place): no image of identity \(identity) is in \(source)"
        case .shares(let text, let problem):
            "\"\(text)\": \(problem); expected splits and their shares, as in train=0.8,val=0.1,test=0.1"
        case .emptySplit(let split, let identities):
            "no identity is left for the split \(split): there are \(identities) to share out; give it a larger share"
        case .noMatchingPair(let split, let identities):
            "the split \(split) has no matching pair: none of its \(identities) identities has the images for one"
        case .tooFewIdentities(let split):
            "the split \(split) has one identity only, of which no impostor pair can be made; give it a larger share"
        case .tooFewImpostors(let split, let wanted, let possible):
            """
            the split \(split) has \(possible) impostor pairs where \(wanted) are wanted; \
            lower --impostors, or limit --genuine
            """
        case .tooManyPairs(let split, let count, let limit):
            """
            the split \(split) would have \(count) pairs, more than --max-pairs \(limit); \
            limit --genuine or --impostors, take no --exhaustive, or raise --max-pairs
            """
        case .leak(let place, let image, let split, let how):
            """
            a leak: \(place) is \(how == .file ? "the same file as" : "the same picture as") \(image), which the split \
            \(split) trains on; put that identity into another split with --identities-of
            """
        }
    }

    private func samePicture(_ first: Named, _ second: Named, _ how: Sameness) -> String {
        let what = how == .file ? "one file" : "one content"
        if first.identity == second.identity {
            return "\(what) is both views of an identity: \(first) and \(second); give two different images"
        }
        return "a leak between identities: \(what) under two of them: \(first) and \(second); take one away"
    }
}
