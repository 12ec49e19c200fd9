/// The images of a split that one tower sees, numbered from 0, as a list that a net can read.
package struct SplitSide: Sendable {
    package let table: ImageTable
    /// The images by their numbers in the table, ascending.
    package let images: [Int32]

    /// - Parameter side: 0 for the first tower, 1 for the second.
    package init(_ table: ImageTable, _ part: IdentitySplit.Part, side: Int) {
        self.table = table
        images = part.identities.flatMap { table.images(of: $0, side: side).map(Int32.init) }
    }

    /// The number here of an image of the table, which must be among these.
    package func number(of image: Int) -> Int {
        var (low, high) = (0, images.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if images[middle] <= Int32(image) { low = middle } else { high = middle }
        }
        precondition(images[low] == Int32(image), "image \(image) is not on this side")
        return low
    }

    package func identity(of number: Int) -> Int { table.identity(of: Int(images[number])) }

    /// The most images that one identity has here.
    package var largestIdentity: Int {
        var (largest, run) = (0, 0)
        for number in images.indices {
            run = number > 0 && identity(of: number) == identity(of: number - 1) ? run + 1 : 1
            largest = max(largest, run)
        }
        return largest
    }

    /// A line `path number` for each, the paths as they were given.
    package func write(_ append: ([UInt8]) throws -> Void) throws {
        try PairFiles.lines(images.count, append) { number, line in
            line += table.pathBytes(Int(images[number])) + Array(" \(identity(of: number))".utf8)
        }
    }
}
