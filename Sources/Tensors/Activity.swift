import Synchronization

/// What this process is at, and whether it gets on, for a watchdog that looks from another thread.
///
/// One for the process, which is one rank. A note takes a lock that hardly anybody else wants: nothing beside a layer.
package enum Activity {
    private struct Doing {
        var verb: StaticString = "start"
        var object = ""
    }

    private static let doing = Mutex(Doing())
    private static let steps = Atomic<Int>(0)
    private static let currentIteration = Atomic<Int>(-1)

    /// The main thread begins something: "forward of", "conv2".
    package static func begin(_ verb: StaticString, _ object: String = "") {
        doing.withLock { $0 = Doing(verb: verb, object: object) }
        tick()
    }

    /// Some thread has done one more piece of its work: an image, a file, a part of one.
    package static func tick() { steps.wrappingAdd(1, ordering: .relaxed) }

    /// How much was begun and done so far; where it stays the same for long, nothing gets on.
    package static var progress: Int { steps.load(ordering: .relaxed) }

    /// What the main thread has begun last.
    package static var description: String {
        let doing = doing.withLock { $0 }
        return doing.object.isEmpty ? "\(doing.verb)" : "\(doing.verb) \(doing.object)"
    }

    /// The training's iteration; nil before the first.
    package static var iteration: Int? {
        get {
            let iteration = currentIteration.load(ordering: .relaxed)
            return iteration < 0 ? nil : iteration
        }
        set { currentIteration.store(newValue ?? -1, ordering: .relaxed) }
    }
}
