import Comm
import Nets
import Tensors
import TestSupport
import Testing
import Training

/// Golden trainings in bfloat16: near those of float32, the same twice, and the same on any number of ranks.
@Suite(.enabled(if: Precision.bf16.isHere))
struct BFloat16TrainingTests {
    /// How far the first loss, where nothing has been learnt yet, may be from float32's, relative to it: as far as one
    /// rounding to eight bits goes.
    private static let firstTolerance = 0x1p-8
    /// The same of the mean of the twenty losses.
    ///
    /// Single losses wander further: with batches of eight, training soon makes much of little.
    private static let meanTolerance = 0.04

    /// A sentence if losses are further from those expected than bfloat16 explains.
    private static func mismatch(_ what: String, _ found: [Double], _ expected: [Double]) -> String? {
        func mean(_ losses: [Double]) -> Double { losses.reduce(0, +) / Double(losses.count) }
        return Compare.relativeMismatch("first loss of \(what)", [found[0]], [expected[0]], tolerance: firstTolerance)
            ?? Compare.relativeMismatch(
                "mean loss of \(what)", [mean(found)], [mean(expected)], tolerance: meanTolerance)
    }

    private static func losses(
        _ name: String, ranks: Int = 1, engine: NetContext.Engine = .dnnl, precision: Precision = .bf16
    ) throws -> [Double] {
        let run = try GoldenRun(name, editSolver: { $0 = $0.replacing("test_iter: 3", with: "") })
        return try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.options.engine = engine
                $0.options.precision = precision
                $0.options.decodingThreads = 1
                $0.weights = [Golden.path("\(name)/init.caffemodel")]
            }
            let trainer = try Trainer(plan, communicator: communicator, log: log.log)
            return try (0..<20).map { _ in try trainer.step().loss }
        }[0]
    }

    @Test(arguments: GoldenRunTests.nets)
    func staysNearFloat32(name: String) throws {
        let (found, expected) = (try Self.losses(name), try Golden.table("\(name)/losses.txt").map { $0[2] })
        #expect(expected.count == 20)
        #expect(Self.mismatch(name, found, expected) == nil)
        #expect(Compare.relativeMismatch(name, found, expected) != nil, "the same as in float32: not rounded at all")
    }

    @Test func isTheSameTwice() throws {
        #expect(try Self.losses("net_contrastive") == Self.losses("net_contrastive"))
    }

    /// Loss by loss: other shards add in another order, and now and then a sum is rounded the other way.
    @Test(arguments: [2, 3])
    func ranksAgree(ranks: Int) throws {
        let (found, alone) = (try Self.losses("net_softmax", ranks: ranks), try Self.losses("net_softmax"))
        #expect(Compare.relativeMismatch("\(ranks) ranks", found, alone, tolerance: 0.01) == nil)
    }

    /// The reference engine rounds nothing.
    @Test func theReferenceIsFloat32() throws {
        let found = try Self.losses("net_contrastive", engine: .caffe)
        #expect(found == (try Self.losses("net_contrastive", engine: .caffe, precision: .float32)))
    }
}
