package import Comm
import Foundation
import Tensors

/// Sees to it that all ranks are about the same training.
package enum Agreement {
    /// Throws the same `DisagreementError`, as rank zero's, on all ranks if they do not agree.
    ///
    /// Collective. Costs an all-reduce of two numbers as long as they do.
    ///
    /// - Parameters:
    ///   - world: all ranks.
    ///   - team: those whose facts have the same names as this rank's; all if nothing is said.
    package static func check(
        _ facts: [Fact], over world: any Communicator, among team: (any Communicator)? = nil
    ) throws {
        let hash = facts.reduce(into: Fingerprint()) { $0.add("\($1.name)\u{0}\($1.value)\u{0}") }.value
        // The largest and, by the complement, the smallest.
        var ends = [Int(bitPattern: UInt(hash)), ~Int(bitPattern: UInt(hash))]
        try (team ?? world).allReduceMaximum(&ends)
        var differs = [ends[0] == ~ends[1] ? 0 : 1]
        if let team, team !== world { try world.allReduceMaximum(&differs) }
        guard differs[0] > 0 else { return }
        let all = try world.gather([UInt8](JSONEncoder().encode(facts)))
        try world.together {
            let facts = try all.map { try JSONDecoder().decode([Fact].self, from: Data($0)) }
            if let error = DisagreementError(facts, hosts: world.hosts) { throw error }
        }
    }
}
