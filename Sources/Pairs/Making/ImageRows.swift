/// Images with their identities as a folder or a table names them, in its order.
package struct ImageRows {
    /// What the images come from, as messages name it.
    let source: String
    private(set) var paths = PackedStrings()
    /// The names of identities, in the order of their first images.
    private(set) var names = PackedStrings()
    /// The identity of each image, a number in `names`.
    private(set) var identities: [Int32] = []
    /// Which view of its identity each image is: 0 or 1.
    private(set) var views: [UInt8] = []
    /// The table's line of each image; 0 in a folder.
    private(set) var lines: [Int32] = []

    private var numbers: [[UInt8]: Int32] = [:]

    package init(source: String) { self.source = source }

    var count: Int { identities.count }

    /// Adds an image.
    ///
    /// - Throws: `MakingError.unwritable` for a path or name that a list can't hold.
    package mutating func add(
        path: some Collection<UInt8>, identity: [UInt8], view: Int = 0, line: Int = 0
    ) throws(MakingError) {
        if let problem = Self.problem(path: Array(path)) ?? Self.problem(identity: identity) {
            let place = line > 0 ? "\(source):\(line)" : String(decoding: path, as: UTF8.self)
            throw .unwritable(place: place, problem: problem)
        }
        paths.append(path)
        identities.append(number(of: identity))
        views.append(UInt8(view))
        lines.append(Int32(clamping: line))
    }

    /// Makes view 2 of view 1, and the other way round.
    mutating func swapViews() {
        for row in views.indices { views[row] ^= 1 }
    }

    private mutating func number(of identity: [UInt8]) -> Int32 {
        if let number = numbers[identity] { return number }
        let number = Int32(names.count)
        numbers[identity] = number
        names.append(identity)
        return number
    }

    /// A line of a list is split at its last blank, and blanks at its end are nothing.
    private static func problem(path: [UInt8]) -> String? {
        guard let last = path.last else { return "an empty path" }
        if path.contains(where: { $0 == UInt8(ascii: "\n") || $0 == 0 }) { return "a line break in the path" }
        return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(last)
            ? "a blank at the end of the path" : nil
    }

    private static func problem(identity: [UInt8]) -> String? {
        if identity.isEmpty { return "an identity without a name" }
        return identity.contains { $0 < 0x20 } ? "a tab, line break or other control character in the identity" : nil
    }
}
