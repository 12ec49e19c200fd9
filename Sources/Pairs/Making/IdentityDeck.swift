import Tensors

/// Identities in random order, again and again: each comes as often as any other, give or take one.
struct IdentityDeck {
    private let random: (_ pass: Int) -> Random
    private let identities: [Int]
    private var order: [Int] = []
    private var pass = 0
    /// One that could not be given, and is next.
    private var held: Int?

    /// - Parameter purpose: what the order of a pass is drawn for.
    init(_ identities: [Int], seed: UInt64, purpose: String) {
        precondition(!identities.isEmpty, "a deck without identities")
        self.identities = identities
        random = { Random(seed: seed, purpose: "\(purpose) \($0)") }
    }

    mutating func next() -> Int {
        if order.isEmpty {
            order = random(pass).permutation(identities.count).map { identities[$0] }
            pass += 1
        }
        return order.removeLast()
    }

    /// The next that is not `other`, which is kept for later; nil where only that one is at hand.
    mutating func next(otherThan other: Int) -> Int? {
        if let identity = held, identity != other {
            held = nil
            return identity
        }
        let identity = next()
        guard identity == other else { return identity }
        guard held == nil else { return nil }
        held = identity
        let following = next()
        return following == other ? nil : following
    }
}
