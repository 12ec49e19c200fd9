package import Comm

/// What the ranks of a training have been asked to do, agreed between them at the roll calls that they make anyway.
///
/// A signal that has reached any rank is known to all behind the same roll call, so all end behind the same step.
package final class Stopping {
    /// The largest wish of any rank that is not fulfilled yet; the same on all ranks.
    package private(set) var wish = Wish.nothing
    private let inbox: SignalInbox
    private let communicator: any Communicator
    private let log: TrainingLog

    package init(_ inbox: SignalInbox, communicator: any Communicator, log: TrainingLog) {
        self.inbox = inbox
        self.communicator = communicator
        self.log = log
    }

    /// Whether training ends as soon as what is under way is done.
    package var isEnding: Bool { wish >= .stop }

    /// Runs `body` on every rank as `Communicator.together` does, and hears meanwhile what any has been asked to do.
    ///
    /// Collective.
    ///
    /// - Parameters:
    ///   - own: what this rank wishes by itself, such as a snapshot because it is time for one.
    ///   - iteration: where training is.
    package func together<R>(wishing own: Wish = .nothing, at iteration: Int, _ body: () throws -> R) throws -> R {
        let asked = inbox.take()
        let request =
            own > asked.wish
            ? Request(own, rank: communicator.rank)
            : Request(asked.wish, signal: asked.signal, rank: communicator.rank)
        var word = request.word
        let result = try communicator.together(saying: &word, body)
        hear(Request(word: word), at: iteration)
        return result
    }

    /// A snapshot was written: of what is wished only an end is left.
    package func snapshotIsWritten() {
        if wish == .snapshot { wish = .nothing }
    }

    private func hear(_ request: Request, at iteration: Int) {
        guard request.wish > wish else { return }
        wish = request.wish
        guard request.signal != 0 else { return }
        let place = communicator.size == 1 ? "" : " on rank \(request.rank) (\(communicator.hosts[request.rank]))"
        log.say("\(SignalName.of(request.signal))\(place) at iteration \(iteration): \(Self.answer(to: wish))")
    }

    private static func answer(to wish: Wish) -> String {
        switch wish {
        case .nothing: "nothing is asked"
        case .snapshot: "a snapshot is written behind the step that is under way, and training goes on"
        case .stop: "training stops behind the step that is under way, with a snapshot"
        case .evict:
            "training is evicted: it ends behind the step that is under way, with a snapshot, from which --resume goes on, "
                + "and status \(wish.exitStatus)"
        }
    }
}
