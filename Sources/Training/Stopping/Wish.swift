import Foundation

/// What a training can be asked to do before its end; a later one outdoes those before it.
package enum Wish: Int, Comparable, Sendable {
    case nothing
    /// Write a snapshot, and go on.
    case snapshot
    /// Write a snapshot, and end: all is well.
    case stop
    /// Write a snapshot, and end: somebody else needs the machine, and training is to go on later.
    case evict

    package static func < (left: Wish, right: Wish) -> Bool { left.rawValue < right.rawValue }

    /// The status of a program that has done so: sendmail's EX_TEMPFAIL, "try again later", for an eviction.
    package var exitStatus: Int32 { self == .evict ? 75 : 0 }

    /// What a signal asks for; nil where it asks for nothing.
    package init?(signal: Int32) {
        switch signal {
        case SIGHUP: self = .snapshot
        case SIGINT, SIGUSR2: self = .stop
        case SIGTERM, SIGUSR1: self = .evict
        default: return nil
        }
    }
}

/// A wish, and where it came from; one number, of which the largest counts, so that ranks agree by a maximum.
package struct Request: Equatable, Sendable {
    package let wish: Wish
    /// The signal that brought it; 0 where the training wishes it of itself.
    package let signal: Int32
    package let rank: Int

    package init(_ wish: Wish, signal: Int32 = 0, rank: Int) {
        self.wish = wish
        self.signal = signal
        self.rank = rank
    }

    /// - Parameter word: as made by `word`, here or on another rank.
    init(word: Int) {
        wish = Wish(rawValue: word >> 48) ?? .nothing
        signal = Int32(word >> 32 & 0xffff)
        rank = Int(UInt32.max) - (word & Int(UInt32.max))
    }

    /// Of equal wishes that of the lowest rank is the largest.
    var word: Int { wish.rawValue << 48 | Int(signal) << 32 | (Int(UInt32.max) - rank) }
}

/// The names of signals, as manuals have them.
enum SignalName {
    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2",
    ]

    static func of(_ signal: Int32) -> String { names[signal] ?? "signal \(signal)" }
}
