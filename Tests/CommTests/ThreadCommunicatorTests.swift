import Comm
import Testing

private struct Gone: Error {}

@Suite(.timeLimit(.minutes(5))) struct ThreadCommunicatorTests {
    @Test func returnsEachRanksResult() throws {
        #expect(try ThreadCommunicator.run(5) { $0.rank * $0.rank } == [0, 1, 4, 9, 16])
    }

    @Test func sumsInTheOrderOfRanks() throws {
        // (1e8 + 1) + 1 loses both ones in Float; any order that adds the ones first does not.
        let sums = try ThreadCommunicator.run(3) { communicator in
            var values: [Float] = communicator.rank == 0 ? [1e8] : [4]
            var span = values.mutableSpan
            try communicator.allReduceSum(&span)
            return values[0]
        }
        let inOrder: Float = (1e8 + 4) + 4
        #expect(inOrder != 1e8 + 8)
        #expect(sums == [inOrder, inOrder, inOrder])
    }

    @Test func aRankThatEndsLeavesNobodyWaiting() throws {
        let seen = try ThreadCommunicator.run(3) { communicator in
            if communicator.rank == 2 { return "ended" }
            do {
                try communicator.barrier()
                return "met"
            } catch {
                return "\(error)"
            }
        }
        let host = SoloCommunicator().host
        #expect(
            seen == (0..<2).map { "barrier failed on rank \($0) (\(host)): another rank has ended" } + ["ended"])
    }

    @Test func rethrowsWhatARankThrew() {
        #expect(throws: Gone.self) {
            try ThreadCommunicator.run(2) { if $0.rank == 1 { throw Gone() } }
        }
    }
}
