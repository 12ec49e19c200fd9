import ArgumentParser
import Comm
import Foundation

/// Whether a command shows how far it is.
struct ProgressArguments: ParsableArguments {
    enum Choice: String, ExpressibleByArgument, CaseIterable { case auto, on, off }

    @Option(help: "Show a line with progress, speed and time left: auto (on a terminal), on, off.")
    var progress = Choice.auto

    var isShown: Bool { progress == .on || progress == .auto && isatty(STDERR_FILENO) == 1 }

    /// The line of a work, on rank zero.
    ///
    /// - Parameter unit: what is counted: "pairs".
    func bar(_ unit: String, _ communicator: any Communicator) -> ProgressBar {
        ProgressBar(unit, isShown: communicator.isRankZero && isShown)
    }
}
