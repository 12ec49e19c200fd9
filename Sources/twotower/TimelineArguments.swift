import ArgumentParser
import Training

/// Whether a training writes down what each rank did when.
struct TimelineArguments: ParsableArguments {
    static let fileHelp = ArgumentHelp(
        "Write when each rank did what (each layer, exchange, wait) as a trace that ui.perfetto.dev and chrome://tracing "
            + "open.", valueName: "file")

    @Option(help: fileHelp)
    var timeline: String?

    @Option(
        help: ArgumentHelp(
            "How many steps the timeline shows (default: \(TimelineOptions.usualSteps)), from the sixth on if there are "
                + "as many. The file is written after them; a training that fails before leaves none.",
            valueName: "steps"))
    var timelineSteps: Int?

    func validate() throws {
        guard let timelineSteps else { return }
        if timeline == nil { throw ValidationError("--timeline-steps goes with --timeline, which names the file") }
        if timelineSteps < 1 { throw ValidationError("--timeline-steps \(timelineSteps): give 1 or more") }
    }

    var options: TimelineOptions? {
        timeline.map { TimelineOptions(path: $0, steps: timelineSteps ?? TimelineOptions.usualSteps) }
    }
}
