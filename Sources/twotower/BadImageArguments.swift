import ArgumentParser
import Pairs
import Training

/// What becomes of pairs whose images can't be read.
struct BadImageArguments: ParsableArguments {
    enum Choice: String, ExpressibleByArgument, CaseIterable { case fail, skip }

    @Option(
        help: ArgumentHelp(
            "What an image that can't be read or decoded does: fail ends the job; skip drops both sides of its pair. In "
                + "training another pair of the list takes its place, the same on any number of ranks, and "
                + "PREFIX.bad-images.txt lists the images. A test leaves the pair out of distances, AUC and EER, and "
                + "lets another stand in for it in means such as the loss. What goes through its lists once (embed, "
                + "evaluate, calibrate, verify) leaves it out."))
    var badImage = Choice.fail

    @Option(help: "With --bad-image skip: more bad pairs than this end the job (default: 100).")
    var maxBad: Int?

    func validate() throws {
        guard let maxBad else { return }
        if badImage == .fail { throw ValidationError("--max-bad goes with --bad-image skip") }
        guard (0...1_000_000_000).contains(maxBad) else {
            throw ValidationError("--max-bad \(maxBad): give 0 or more, and 1000000000 at most")
        }
    }

    /// Sets it in a run's options.
    func fill(_ options: inout RunOptions) {
        options.decoding.badImages = badImage == .fail ? .fail : .skip(limit: maxBad ?? 100)
    }
}
