import Pairs
import Tensors

/// Where an image is named: a line of a list of a phase.
struct ImagePlace: Sendable, Hashable {
    let set: UInt16
    let column: UInt16
    let line: UInt32

    init(_ set: Int, _ column: Int, _ line: Int) {
        (self.set, self.column, self.line) = (UInt16(set), UInt16(column), UInt32(line))
    }
}

/// The images that lists name, each once however often it is named, numbered in the order of the lists.
///
/// Takes some fifty bytes an image beside the lists themselves.
struct ImageIndex: Sendable {
    let sets: [CheckedLists]
    /// The image's number for each set, column and line.
    private(set) var numbers: [[[UInt32]]] = []
    /// Where each image is named first.
    private(set) var places: [ImagePlace] = []

    init(_ sets: [CheckedLists]) {
        self.sets = sets
        var known: [UInt64: UInt32] = [:]
        for (set, lists) in sets.enumerated() {
            var columns: [[UInt32]] = []
            for column in 0..<lists.list.columns {
                columns.append(
                    (0..<lists.list.count).map { line in number(of: ImagePlace(set, column, line), &known) })
            }
            numbers.append(columns)
        }
    }

    /// How many images there are.
    var count: Int { places.count }

    /// The number of the image that a line names, a new one if it was not named before.
    private mutating func number(of place: ImagePlace, _ known: inout [UInt64: UInt32]) -> UInt32 {
        let path = path(place)
        var hash = Fingerprint()
        hash.add(path)
        // Another path with the same hash would be an image of its own each time: rarer than once in a million lists.
        if let number = known[hash.value], self.path(places[Int(number)]) == path,
            search(places[Int(number)]) == search(place)
        {
            return number
        }
        precondition(places.count < Int(UInt32.max), "more images than have numbers")
        known[hash.value] = UInt32(places.count)
        places.append(place)
        return UInt32(places.count - 1)
    }

    func path(_ place: ImagePlace) -> String {
        sets[Int(place.set)].list.path(column: Int(place.column), index: Int(place.line))
    }

    func search(_ place: ImagePlace) -> PathSearch { sets[Int(place.set)].list.search }

    /// "train1.txt:17".
    func text(_ place: ImagePlace) -> String {
        sets[Int(place.set)].place(column: Int(place.column), line: Int(place.line))
    }
}
