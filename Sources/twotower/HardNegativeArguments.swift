import ArgumentParser

/// How `pairs` mines impostor pairs with a trained model.
struct HardNegativeArguments: ParsableArguments {
    @Option(
        name: .customLong("hard-negatives"),
        help: ArgumentHelp(
            """
            Take impostors of the split train from the K images of other identities that a trained net finds nearest to the \
            first image of each matching pair; needs --model and --weights.
            """, valueName: "K"))
    var neighbours: Int?

    @Option(
        name: .customLong("hard-share"),
        help: ArgumentHelp("The share of the impostor pairs that is mined so; the rest is drawn.", valueName: "share"))
    var share = 0.5

    @Option(
        name: .customLong("hard-skip"),
        help: ArgumentHelp(
            "Pass over the N nearest of other identities, which may be of the same in truth.", valueName: "N"))
    var skip = 0

    @Option(help: ArgumentHelp("The prototxt of the net that was trained.", valueName: "file"))
    var model: String?

    @Option(help: ArgumentHelp("The caffemodels with its weights, by layer name.", valueName: "file,..."))
    var weights: String?

    var isWanted: Bool { neighbours != nil }

    func validate() throws {
        guard (neighbours != nil) == (model != nil), (model != nil) == (weights != nil) else {
            throw ValidationError("--hard-negatives, --model and --weights go together")
        }
        if let neighbours, neighbours < 1 { throw ValidationError("--hard-negatives \(neighbours): give 1 or more") }
        if !(share > 0 && share <= 1) { throw ValidationError("--hard-share \(share): give more than 0, up to 1") }
        if skip < 0 { throw ValidationError("--hard-skip \(skip): give 0 or more") }
    }
}
