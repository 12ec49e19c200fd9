import Comm
import Synchronization
import Testing

private struct Mishap: Error, CustomStringConvertible {
    let description: String
}

@Suite(.timeLimit(.minutes(5))) struct CommunicatorTests {
    private let host = SoloCommunicator().host

    /// What `together` throws on each rank, or "fine".
    private func outcomes(
        _ size: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> Void
    ) throws -> [String] {
        try ThreadCommunicator.run(size) { communicator in
            do {
                try communicator.together { try body(communicator) }
                return "fine"
            } catch let error as PeerError {
                return "peer: \(error)"
            } catch {
                return "own: \(error)"
            }
        }
    }

    @Test func togetherThrowsTheLowestFailureOnEveryRank() throws {
        let seen = try outcomes(4) { if $0.rank >= 2 { throw Mishap(description: "no list on rank \($0.rank)") } }
        #expect(seen == Array(repeating: "peer: rank 2 (\(host)): no list on rank 2", count: 4))
    }

    @Test func togetherGoesOnAfterAFailure() throws {
        let sums = try ThreadCommunicator.run(3) { communicator in
            _ = try? communicator.together { if communicator.rank == 0 { throw Mishap(description: "") } }
            var sums = [Double(communicator.rank)]
            try communicator.allReduceSum(&sums)
            return sums[0]
        }
        #expect(sums == [3, 3, 3])
    }

    @Test func failureIsHeardInsideAnyCollective() throws {
        let seen = try outcomes(3) { communicator in
            if communicator.rank == 1 { throw Mishap(description: "disk full") }
            for _ in 0..<10 { try communicator.barrier() }
        }
        #expect(seen == Array(repeating: "peer: rank 1 (\(host)): disk full", count: 3))
    }

    @Test func togetherInAWorldOfOneThrowsTheErrorItself() {
        #expect(throws: Mishap.self) {
            try SoloCommunicator().together { throw Mishap(description: "plain") }
        }
    }

    @Test func brokenCommunicationIsNotAgreedUpon() throws {
        let seen = try outcomes(2) { communicator in
            throw CommError(call: "MPI_X", rank: communicator.rank, host: "h", reason: "cut")
        }
        #expect(seen == ["own: MPI_X failed on rank 0 (h): cut", "own: MPI_X failed on rank 1 (h): cut"])
    }
}
