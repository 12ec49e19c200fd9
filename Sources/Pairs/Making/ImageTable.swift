import Tensors

/// The images that pairs are made of, by identity, then view, then path, each in the order of bytes: the same table
/// however a folder or a table lists them.
///
/// An image is its number here, and an identity the number of its name. A million images are some arrays, and no objects.
package struct ImageTable: Sendable {
    /// What the images come from, as messages name it.
    package let source: String
    /// Whether identities have two views, as for towers that see different kinds of pictures.
    package let hasViews: Bool
    private let rows: ImageRows
    /// The row of each image.
    private let order: [Int32]
    let names: PackedStrings
    /// The identity of each image, ascending.
    private let identities: [Int32]
    /// Where each identity's images begin, and where their second view does; then the end of all.
    private let starts: [Int32]

    package init(_ rows: ImageRows, hasViews: Bool) { self.init(rows, hasViews: hasViews, order: Self.order(rows)) }

    /// - Parameter order: rows by identity, then view, then path.
    private init(_ rows: ImageRows, hasViews: Bool, order: [Int32]) {
        (source, self.hasViews, self.rows, self.order) = (rows.source, hasViews, rows, order)
        var names = PackedStrings()
        var (identities, starts): ([Int32], [Int32]) = ([], [])
        identities.reserveCapacity(order.count)
        // Those of an identity without a second view, or without a first, end where the next begins.
        func close(_ count: Int) { while starts.count < count { starts.append(Int32(identities.count)) } }
        var before: Int32?
        for row in order.map(Int.init) {
            if before != rows.identities[row] {
                close(2 * names.count + 1)
                names.append(rows.names[Int(rows.identities[row])])
                before = rows.identities[row]
            }
            if rows.views[row] == 1 { close(2 * names.count) }
            identities.append(Int32(names.count - 1))
        }
        close(2 * names.count + 1)
        (self.names, self.identities, self.starts) = (names, identities, starts)
    }

    /// The same without some images.
    func keeping(_ isKept: [Bool]) -> ImageTable {
        let kept = order.indices.filter { isKept[$0] }.map { order[$0] }
        return ImageTable(rows, hasViews: hasViews, order: kept)
    }

    package var imageCount: Int { identities.count }
    package var identityCount: Int { names.count }

    package func path(_ image: Int) -> String { String(decoding: pathBytes(image), as: UTF8.self) }
    func pathBytes(_ image: Int) -> ArraySlice<UInt8> { rows.paths[Int(order[image])] }
    /// 0 or 1.
    package func view(of image: Int) -> Int { Int(rows.views[Int(order[image])]) }
    package func name(ofIdentity identity: Int) -> String { String(decoding: names[identity], as: UTF8.self) }
    package func identity(of image: Int) -> Int { Int(identities[image]) }

    /// The images of an identity that one tower may see: of view 0 or 1 where there are views, else all.
    package func images(of identity: Int, side: Int) -> Range<Int> {
        let (start, middle, end) = (starts[2 * identity], starts[2 * identity + 1], starts[2 * identity + 2])
        guard hasViews else { return Int(start)..<Int(end) }
        return side == 0 ? Int(start)..<Int(middle) : Int(middle)..<Int(end)
    }

    /// A hash of all paths and identities: by which ranks see whether they have found the same.
    package var fingerprint: UInt64 {
        var hash = Fingerprint()
        for image in 0..<imageCount {
            hash.add(rows.paths.bytes.span.extracting(rows.paths.range(Int(order[image]))))
            hash.add(UInt64(identity(of: image)))
        }
        return hash.value
    }

    /// An image as errors name it.
    func named(_ image: Int) -> MakingError.Named {
        .init(place: place(image), identity: name(ofIdentity: identity(of: image)))
    }

    /// Where an image was named, with its path.
    func place(_ image: Int) -> String {
        let line = rows.lines[Int(order[image])]
        return line > 0 ? "\(source):\(line): \(path(image))" : path(image)
    }

    /// The rows by the bytes of their identities' names, then view, then path.
    private static func order(_ rows: ImageRows) -> [Int32] {
        let names = (0..<rows.names.count).sorted { rows.names.precedes($0, $1) }
        var rank = [Int](repeating: 0, count: names.count)
        for (place, name) in names.enumerated() { rank[name] = place }
        // A bucket for each view of each identity, then the paths in each.
        func bucket(_ row: Int) -> Int { 2 * rank[Int(rows.identities[row])] + Int(rows.views[row]) }
        var starts = [Int](repeating: 0, count: 2 * names.count + 1)
        for row in 0..<rows.count { starts[bucket(row) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        var (order, ends) = ([Int32](repeating: 0, count: rows.count), starts)
        for row in 0..<rows.count {
            let bucket = bucket(row)
            order[ends[bucket]] = Int32(row)
            ends[bucket] += 1
        }
        for bucket in 0..<2 * names.count where ends[bucket] - starts[bucket] > 1 {
            order[starts[bucket]..<ends[bucket]].sort { rows.paths.precedes(Int($0), Int($1)) }
        }
        return order
    }
}

extension PackedStrings {
    /// Whether one string comes before another, byte by byte; of equal ones the lower number does.
    func precedes(_ first: Int, _ second: Int) -> Bool {
        let (a, b) = (range(first), range(second))
        for offset in 0..<min(a.count, b.count) {
            let (x, y) = (bytes[a.lowerBound + offset], bytes[b.lowerBound + offset])
            if x != y { return x < y }
        }
        return a.count == b.count ? first < second : a.count < b.count
    }
}
