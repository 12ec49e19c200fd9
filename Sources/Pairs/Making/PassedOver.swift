/// What was found beside images and left alone: how much of each kind, with an example.
package struct PassedOver: Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        case hidden = "hidden"
        case notImage = "not a JPEG or PNG image"
        case sameAgain = "the same image again"
        case linkToNothing = "a link to nothing"
        case folderInIdentity = "a folder inside an identity's folder"
        case fileBesideFolders = "a file beside the identities' folders"
        case emptyFolder = "an identity's folder without images"
        case notUTF8 = "a name that is not UTF-8"
    }

    /// How many of one kind, and the least of their paths.
    package struct Group: Equatable, Sendable {
        package var count = 0
        package var example = ""
    }

    package private(set) var groups: [Reason: Group] = [:]

    package init() {}

    mutating func add(_ reason: Reason, _ path: some Collection<UInt8>) {
        let path = String(decoding: path, as: UTF8.self)
        var group = groups[reason] ?? Group(count: 0, example: path)
        group.count += 1
        group.example = min(group.example, path)
        groups[reason] = group
    }

    /// A line for each kind: "3 × hidden, as faces/.thumbs".
    package var lines: [String] {
        Reason.allCases.compactMap { reason in
            groups[reason].map { "\($0.count) × \(reason.rawValue), as \($0.example)" }
        }
    }
}
