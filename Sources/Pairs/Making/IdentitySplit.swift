import Tensors

/// Which identities are in which split; an identity is in one at most.
package struct IdentitySplit: Sendable {
    /// One split's identities, ascending.
    package struct Part: Equatable, Sendable {
        package let name: String
        package let identities: [Int]

        package init(name: String, identities: [Int]) {
            self.name = name
            self.identities = identities
        }
    }

    /// A file with the names of a split's identities, one a line.
    package struct List: Equatable, Sendable {
        package let split: String
        package let file: String

        package init(split: String, file: String) {
            self.split = split
            self.file = file
        }
    }

    package let parts: [Part]
    /// How many identities are in none.
    package let leftOut: Int

    /// Takes the identities of the lists, then shares out the others.
    ///
    /// By a random number of each one's name, so that further identities change the place of few.
    ///
    /// - Throws: `MakingError` where two lists name one identity, where one is not in the table, and for an empty split.
    package init(_ table: ImageTable, _ shares: SplitShares, lists: [List] = [], seed: UInt64) throws(MakingError) {
        let listed = try Self.listed(table, lists)
        let random = Random(seed: seed, purpose: "pairs split")
        var keys: [(key: UInt64, identity: Int)] = []
        for identity in 0..<table.identityCount where listed[identity] == nil {
            let name = table.names.bytes.span.extracting(table.names.range(identity))
            let bits = random.bits(position: Fingerprint(of: name).value)
            keys.append((UInt64(bits.x) | UInt64(bits.y) << 32, identity))
        }
        keys.sort { $0 < $1 }
        let counts = shares.counts(of: keys.count)
        var (parts, next) = ([Part](), 0)
        for (share, count) in zip(shares.shares, counts) {
            guard count > 0 else { throw .emptySplit(share.name, identities: keys.count) }
            parts.append(Part(name: share.name, identities: keys[next..<next + count].map(\.identity).sorted()))
            next += count
        }
        for (number, list) in lists.enumerated() where lists[..<number].allSatisfy({ $0.split != list.split }) {
            let identities = (0..<table.identityCount).filter { listed[$0].map { lists[$0].split } == list.split }
            guard !identities.isEmpty else { throw .emptySplit(list.split, identities: 0) }
            parts.append(Part(name: list.split, identities: identities))
        }
        self.parts = parts
        leftOut = keys.count - next
    }

    /// The number of the list that names each identity.
    private static func listed(_ table: ImageTable, _ lists: [List]) throws(MakingError) -> [Int?] {
        var owner = [Int?](repeating: nil, count: table.identityCount)
        guard !lists.isEmpty else { return owner }
        var places = [String](repeating: "", count: table.identityCount)
        var numbers: [ArraySlice<UInt8>: Int] = [:]
        for identity in 0..<table.identityCount { numbers[table.names[identity]] = identity }
        for (number, list) in lists.enumerated() {
            for (line, name) in try names(in: list.file) {
                let place = "\(list.file):\(line)"
                let text = String(decoding: name, as: UTF8.self)
                guard let identity = numbers[name] else {
                    throw .unknownIdentity(place: place, identity: text, source: table.source)
                }
                if let other = owner[identity], lists[other].split != list.split {
                    throw .inTwoSplits(
                        identity: text, first: "\(places[identity]) (\(lists[other].split))",
                        second: "\(place) (\(list.split))")
                }
                if owner[identity] == nil { places[identity] = place }
                owner[identity] = number
            }
        }
        return owner
    }

    /// The names of a list with their lines; blank lines are passed over.
    private static func names(in file: String) throws(MakingError) -> [(line: Int, name: ArraySlice<UInt8>)] {
        let buffer = FileBuffer()
        do {
            try buffer.read([file])
        } catch {
            throw .unreadable(what: "list of identities", path: file, reason: error.reason)
        }
        let bytes = buffer.prefix()
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        var names: [(line: Int, name: ArraySlice<UInt8>)] = []
        for (number, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let name = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if !name.isEmpty { names.append((number + 1, name)) }
        }
        return names
    }
}
