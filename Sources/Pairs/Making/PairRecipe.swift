/// How pairs are made of the images of a split.
package struct PairRecipe: Equatable, Sendable {
    /// Of which matching pairs each identity takes part.
    package enum Matching: Equatable, Sendable {
        case all
        /// So many, or all where there are fewer.
        case perIdentity(Int)
    }

    package var matching = Matching.all
    /// So many impostor pairs for each matching one.
    package var impostors = 1
    /// All matching and all impostor pairs, whatever else is said.
    package var isExhaustive = false
    /// More pairs are refused.
    package var limit = PairRecipe.usualLimit
    package var seed: UInt64 = 1

    package static let usualLimit = 20_000_000

    package init() {}
}
