/// All pairs of some things in an order in which every beginning uses each thing as often as any other, give or take one.
///
/// A closed form: the pair at any place without those before it, and each pair once.
package enum EvenPairs {
    /// How many pairs there are of `count` things with each other.
    package static func count(of count: Int) -> Int { count * (count - 1) / 2 }

    /// A pair of the things 0 ..< count with each other.
    ///
    /// An even number of things is paired off in rounds, as in a tournament: one stays, the others go around. An odd number
    /// goes along circles that meet all things, two steps a pair (Walecki's decomposition of the complete graph into
    /// Hamiltonian cycles; Lucas, "Récréations mathématiques" II, 1892).
    package static func pair(_ place: Int, of count: Int) -> (Int, Int) {
        precondition(place >= 0 && place < Self.count(of: count), "pair \(place) of \(count) things")
        let others = count - 1
        if count % 2 == 0 {
            let (round, match) = place.quotientAndRemainder(dividingBy: count / 2)
            return match == 0 ? (others, round) : ((round + match) % others, (round - match + others) % others)
        }
        let (circle, step) = place.quotientAndRemainder(dividingBy: count)
        return (
            onCircle(circle, 2 * step % count, others: others), onCircle(circle, (2 * step + 1) % count, others: others)
        )
    }

    /// The thing at a place of a circle: the last thing, then a zigzag over the others, turned by one a circle.
    private static func onCircle(_ circle: Int, _ place: Int, others: Int) -> Int {
        guard place > 0 else { return others }
        let zigzag = place % 2 == 0 ? place / 2 : others - place / 2
        return (zigzag + circle) % others
    }

    /// A pair of one of `first` things and one of `second` others.
    package static func pair(_ place: Int, of first: Int, with second: Int) -> (Int, Int) {
        precondition(place >= 0 && place < first * second, "pair \(place) of \(first) × \(second)")
        var (common, rest) = (first, second)
        while rest > 0 { (common, rest) = (rest, common % rest) }
        // After as many pairs as both run round in together, the second is one further.
        let lap = place / (first / common * second)
        return (place % first, (place + lap) % second)
    }
}
