import ArgumentParser

/// The pairs that a trained net is judged on.
struct PairListArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Tower A's images (default: the list of the net's TEST phase); or an LMDB of pairs, where the net reads one.",
            valueName: "list"))
    var list1: String?

    @Option(help: ArgumentHelp("Tower B's, read line by line with it.", valueName: "list"))
    var list2: String?

    @Option(
        help: ArgumentHelp(
            "Whose images the pairs are of, identityA<TAB>identityB for each line of the lists.", valueName: "file"))
    var identities: String?

    func validate() throws {
        if list2 != nil, list1 == nil { throw ValidationError("--list2 goes with --list1") }
    }

    /// Empty for those of the net's TEST phase.
    var lists: [String] { [list1, list2].compactMap(\.self) }
}
