import Comm
import TestSupport
import Testing
import Training

struct TesterTests {
    private static func test(ranks: Int, batch: Int = 4, iterations: Int? = nil) throws -> TestResult {
        let run = try GoldenRun(
            "net_contrastive", editNet: { $0 = $0.replacing("batch_size: 4", with: "batch_size: \(batch) ") })
        let results = try ThreadCommunicator.run(ranks) { communicator in
            try Tester.test(
                model: run.net("net_contrastive"), weights: [Golden.path("net_contrastive/init.caffemodel")],
                iterations: iterations, options: RunOptions(), communicator: communicator, log: RecordingLog().log)
        }
        for other in results.dropFirst() { #expect(other.pairs.isEmpty, "rank zero alone has the pairs") }
        return results[0]
    }

    /// Each pair once, in the order of the lists, with its label.
    @Test(arguments: [1, 3])
    func eachPairIsJudgedOnce(ranks: Int) throws {
        let labels = try Golden.lines("test1.txt").map { $0.hasSuffix(" 1") }
        let pairs = try Self.test(ranks: ranks).pairs
        #expect(pairs.map(\.position) == Array(0..<12))
        #expect(pairs.map(\.isMatch) == labels)
        #expect(pairs.allSatisfy { $0.distance > 0 })
    }

    /// The last batch of five begins the lists again; those pairs are not judged twice.
    @Test
    func aBatchThatDoesNotDivideTheListsRepeatsNone() throws {
        let whole = try Self.test(ranks: 1).pairs
        let uneven = try Self.test(ranks: 2, batch: 5).pairs
        #expect(uneven.map(\.position) == Array(0..<12))
        #expect(
            Compare.relativeMismatch(
                "distances", uneven.map { Double($0.distance) }, whole.map { Double($0.distance) }, tolerance: 1e-5)
                == nil)
    }

    @Test
    func asManyBatchesAsAsked() throws {
        #expect(try Self.test(ranks: 1, iterations: 2).pairs.map(\.position) == Array(0..<8))
    }

    /// The mean over the batches is the same for any number of ranks.
    @Test
    func ranksAgree() throws {
        let alone = try Self.test(ranks: 1).outputs
        let together = try Self.test(ranks: 3).outputs
        #expect(alone.map(\.name) == ["loss"])
        #expect(Compare.relativeMismatch("loss", together.map(\.value), alone.map(\.value), tolerance: 1e-5) == nil)
    }
}
