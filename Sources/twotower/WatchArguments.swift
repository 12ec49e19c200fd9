import ArgumentParser

/// How long a job may hang.
struct WatchArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When nothing gets on on any rank for this long, end the job with status 74; after a quarter of it the late "
                + "ranks are named, with what they are at. 0 waits for ever.", valueName: "seconds"))
    var stallTimeout = 120

    func validate() throws {
        if stallTimeout < 0 { throw ValidationError("--stall-timeout \(stallTimeout): give 0 or more seconds") }
    }
}
