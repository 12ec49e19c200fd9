import ArgumentParser
import Training

/// How often the ranks compare their weights.
struct VerificationArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Compare the weights of all ranks, by their fingerprints, every so many iterations, and stop where they "
                + "differ; 0 for only once, before iteration 0.", valueName: "iterations"))
    var verifyEvery = WatchOptions.usualInterval

    func validate() throws {
        if verifyEvery < 0 { throw ValidationError("--verify-every \(verifyEvery): give 0 or more") }
    }

    var options: WatchOptions { WatchOptions(verifyEvery: verifyEvery) }
}
