import ArgumentParser
import Pairs

extension PairRecipe.Matching: ExpressibleByArgument {
    public init?(argument: String) {
        if argument == "all" {
            self = .all
        } else if let count = Int(argument), count > 0 {
            self = .perIdentity(count)
        } else {
            return nil
        }
    }
}

/// Which pairs `pairs` makes of a split's images.
struct PairChoiceArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Matching pairs of each identity: all, or so many (which use its images evenly).", valueName: "all|n"))
    var genuine = PairRecipe.Matching.all

    @Option(help: "Impostor pairs for each matching pair, drawn evenly over identities.")
    var impostors = 1

    @Flag(
        help: "Matching pairs alone in the split train, as InfoNCE and triplet losses want; the others keep both kinds."
    )
    var matchingOnly = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("All matching and all impostor pairs in these splits.", valueName: "split"))
    var exhaustive: [String] = []

    @Option(help: "Refuse more pairs in a split.")
    var maxPairs = PairRecipe.usualLimit

    func validate() throws {
        if impostors < 0 { throw ValidationError("--impostors \(impostors): give 0 or more") }
        if maxPairs < 1 { throw ValidationError("--max-pairs \(maxPairs): give 1 or more") }
        if matchingOnly, exhaustive.contains("train") {
            throw ValidationError("--matching-only and --exhaustive train exclude each other")
        }
    }

    func recipe(of split: String, seed: UInt64) -> PairRecipe {
        var recipe = PairRecipe()
        recipe.matching = genuine
        recipe.impostors = matchingOnly && split == "train" ? 0 : impostors
        recipe.isExhaustive = exhaustive.contains(split)
        recipe.limit = maxPairs
        recipe.seed = seed
        return recipe
    }
}
