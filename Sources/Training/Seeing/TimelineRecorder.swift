import Comm
import Nets
import Tensors

/// What `--timeline` asks for.
package struct TimelineOptions: Sendable, Equatable {
    package var path: String
    /// How many steps are recorded at most.
    package var steps: Int

    package static let usualSteps = 50

    package init(path: String, steps: Int = usualSteps) {
        precondition(steps > 0, "a timeline of \(steps) steps")
        self.path = path
        self.steps = steps
    }
}

/// Records some steps of a training on every rank, and then writes them down.
///
/// Only some, so that days of training take no memory; the first steps, which touch their memory for the first time, are
/// left out where enough follow.
final class TimelineRecorder {
    private static let warmUp = 5

    private let options: TimelineOptions
    private let timeline = Timeline()
    private var toSkip: Int
    private var left: Int

    /// Finds out whether the file can be written.
    ///
    /// Collective.
    ///
    /// - Parameter steps: how many there will be.
    init(_ options: TimelineOptions, steps: Int, over communicator: any Communicator) throws {
        self.options = options
        left = options.steps
        toSkip = min(Self.warmUp, max(0, steps - options.steps))
        try communicator.together {
            if communicator.isRankZero { try AtomicFile.probe(prefix: options.path) }
        }
    }

    /// Where the step that now begins is noted, if it is.
    func begin(step: Int) -> Timeline? {
        guard toSkip == 0 else {
            toSkip -= 1
            return nil
        }
        guard left > 0 else { return nil }
        left -= 1
        timeline.begin(step: step)
        return timeline
    }

    /// Whether all steps that are wanted have begun.
    var isFull: Bool { left == 0 }

    /// Writes down what was noted; a full disk is no reason to end a training.
    ///
    /// Collective.
    func write(over communicator: any Communicator, log: TrainingLog) throws {
        do {
            try TimelineFile.write(timeline.take(), of: timeline, to: options.path, over: communicator)
            log.say("Timeline of \(options.steps - left) steps written to \(options.path)")
        } catch let error as FileError {
            log.warn("no timeline: \(error)")
        } catch let error as PeerError {
            if communicator.isRankZero { log.warn("no timeline: \(error.message)") }
        }
    }
}
