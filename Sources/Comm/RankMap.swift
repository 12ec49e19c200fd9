import Foundation

/// Where one rank runs.
package struct Placement: Codable, Equatable, Sendable {
    package var rank: Int
    package var host: String
    /// The lowest rank of the same host: tells hosts apart even where names are alike, as in containers.
    package var hostLeader: Int
    package var processID: Int32
    package var localRank: Int
    /// The logical processors that the rank may run on.
    package var processors: [Int]

    package init(
        rank: Int, host: String, hostLeader: Int, processID: Int32, localRank: Int, processors: [Int]
    ) {
        self.rank = rank
        self.host = host
        self.hostLeader = hostLeader
        self.processID = processID
        self.localRank = localRank
        self.processors = processors
    }

    /// Where the calling thread of this rank runs.
    package init(of communicator: any Communicator) {
        self.init(
            rank: communicator.rank, host: communicator.host, hostLeader: communicator.hostLeader,
            processID: getpid(), localRank: communicator.localRank, processors: Machine.usableProcessors)
    }
}

/// Where all ranks run, and with how many threads.
package struct RankMap: Equatable, Sendable {
    /// One a rank, in their order.
    package let placements: [Placement]
    /// How many threads each rank should compute with, at least 1.
    ///
    /// The number of processors that it may use, divided by the number of ranks of its host whose processors overlap
    /// its own: ranks that are bound have theirs to themselves, unbound ones share all.
    package let threads: [Int]

    package init(placements: [Placement]) {
        self.placements = placements
        threads = placements.map { mine in
            let sharers = placements.filter {
                $0.hostLeader == mine.hostLeader && !Set($0.processors).isDisjoint(with: mine.processors)
            }
            return max(1, mine.processors.count / max(1, sharers.count))
        }
    }

    /// Asks all ranks where they run, this one on the calling thread.
    ///
    /// Collective.
    package static func gather(over communicator: any Communicator) throws -> RankMap {
        let mine = try JSONEncoder().encode(Placement(of: communicator))
        let all = try communicator.allGather(String(decoding: mine, as: UTF8.self))
        return RankMap(placements: try all.map { try JSONDecoder().decode(Placement.self, from: Data($0.utf8)) })
    }

    /// A line for the heads and one a rank: rank, host, process, processors, threads.
    package var table: String {
        let rows =
            [["rank", "host", "pid", "cores", "threads"]]
            + zip(placements, threads).map { placement, threads in
                [
                    "\(placement.rank)", placement.host, "\(placement.processID)",
                    "\(placement.processors.count) (\(Self.ranges(placement.processors)))", "\(threads)",
                ]
            }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            return cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }

    /// Numbers in order as a short list: "0-3,8".
    package static func ranges(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
