import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

/// Whole trainings of the original Caffe, iteration by iteration: lists, JPEGs, both towers, loss, solver, snapshot.
struct GoldenRunTests {
    static let nets = ["net_contrastive", "net_contrastive_raw", "net_shared", "net_softmax"]

    /// Shows each iteration, and keeps the last weights.
    private static func show(_ solver: inout String) {
        solver = solver.replacing("snapshot_after_train: false", with: "snapshot_after_train: true") + "display: 1\n"
    }

    @Test(arguments: nets, NetContext.Engine.allCases)
    func netTrainsAsInCaffe(name: String, engine: NetContext.Engine) throws {
        let run = try GoldenRun(name, editSolver: Self.show)
        try run.train {
            $0.weights = [Golden.path("\(name)/init.caffemodel")]
            $0.options.engine = engine
        }
        let expected = try Golden.table("\(name)/losses.txt")
        let found = try run.metrics()
        #expect(expected.count == 20)
        #expect(found.map { Double($0.iteration) } == expected.map { $0[0] })
        #expect(Compare.relativeMismatch("rate", found.map { $0.learningRate ?? .nan }, expected.map { $0[1] }) == nil)
        #expect(Compare.relativeMismatch("loss", found.map { $0.loss ?? .nan }, expected.map { $0[2] }) == nil)
        #expect(
            try Weights.mismatches(run.prefix + "_iter_20.caffemodel", Golden.path("\(name)/snap_iter_20.caffemodel"))
                == [])
        try Self.expectCaffesFields("\(run.prefix)_iter_20", "\(name)/snap_iter_20")
    }

    /// Both files of a snapshot say field by field what Caffe's say, where Caffe's are at hand.
    private static func expectCaffesFields(_ found: String, _ golden: String) throws {
        let golden = Golden.path(golden)
        guard CaffeFields.isPossible, FileManager.default.fileExists(atPath: golden + ".solverstate") else { return }
        let model = try CaffeFields.mismatches(
            found + ".caffemodel", golden + ".caffemodel", as: "NetParameter", tolerance: 1e-4)
        #expect(model == [])
        let state = try CaffeFields.mismatches(
            found + ".solverstate", golden + ".solverstate", as: "SolverState", tolerance: 1e-3)
        #expect(state == [])
    }

    static let solvers = [
        "sgd", "sgd_nomom_nowd", "sgd_clip", "sgd_L1", "nesterov", "adagrad", "adadelta", "adam",
    ]

    @Test(arguments: solvers)
    func solverTrainsAsInCaffe(name: String) throws {
        let expected = try Golden.table("solvers/\(name)/losses.txt")
        #expect(expected.count == 15)
        let run = try GoldenRun("solvers/\(name)", net: "net_contrastive", editSolver: Self.show)
        try run.train { $0.weights = [Golden.path("net_contrastive/init.caffemodel")] }
        let found = try run.metrics().map { $0.loss ?? .nan }
        #expect(Compare.relativeMismatch(name, found, expected.map { $0[1] }) == nil)
        try Self.expectCaffesFields("\(run.prefix)_iter_15", "solvers/\(name)/snap_iter_15")
    }

    /// From Caffe's snapshot, with one history or two, training goes on as one that was never stopped: the lists are
    /// at their start again at iteration 15.
    @Test(arguments: ["nesterov", "adagrad", "adadelta", "adam"])
    func solverResumesFromCaffesSnapshot(name: String) throws {
        func losses(_ edit: (inout TrainingPlan.Request) -> Void) throws -> [Double] {
            let run = try GoldenRun("solvers/\(name)", net: "net_contrastive", editSolver: Self.show)
            try run.train {
                $0.maxIteration = 18
                edit(&$0)
            }
            return try run.metrics().suffix(3).map { $0.loss ?? .nan }
        }
        let whole = try losses { $0.weights = [Golden.path("net_contrastive/init.caffemodel")] }
        let resumed = try losses { $0.snapshot = Golden.path("solvers/\(name)/snap_iter_15.solverstate") }
        // Adam moves each weight by as much whatever its gradient, so the last bits of the 15 steps, which the two did
        // on different machines, turn a ReLU over on some processors: 5e-4 of the last loss with AVX2 kernels.
        #expect(Compare.relativeMismatch(name, resumed, whole, tolerance: name == "adam" ? 1e-3 : 1e-4) == nil)
    }

    /// The mix of the question's answer, where Caffe stops, trains as the net in today's form.
    @Test
    func theMixedNetTrainsAsInCaffe() throws {
        let mixed = try Golden.text("head_softmax_mixed.prototxt")
        let run = try GoldenRun(
            "net_softmax", editSolver: Self.show,
            editNet: { net in
                let head = net.firstRange(of: "layer {\n  name: \"concat\"")
                net = net[..<(head?.lowerBound ?? net.startIndex)] + "...\n" + mixed
            })
        let log = RecordingLog()
        try run.train(log: log) {
            $0.weights = [Golden.path("net_softmax/init.caffemodel")]
            $0.maxIteration = 5
        }
        let expected = try Golden.table("net_softmax/losses.txt").prefix(5)
        let found = try run.metrics().map { $0.loss ?? .nan }
        #expect(Compare.relativeMismatch("loss", found, expected.map { $0[2] }) == nil)
        let repairs = log.warnings.filter { $0.contains("train_val.prototxt: ") }
        #expect(repairs.count == 4, "\(repairs)")
    }

    /// What Caffe shows of an iteration is the mean over its sub-batches, six digits of it.
    @Test
    func subBatchesTrainAsInCaffe() throws {
        let expected = try Golden.table("solvers/sgd_iter_size2/losses_cli.txt")
        #expect(expected.count == 15)
        let found = try Self.train(solver: "sgd_iter_size2").map { $0.loss ?? .nan }
        #expect(Compare.relativeMismatch("loss", found, expected.map { $0[1] }) == nil)
    }

    @Test
    func averageLossIsCaffes() throws {
        let found = try Self.train(solver: "sgd_average_loss4")
        let expected = try Golden.table("solvers/sgd_average_loss4/losses.txt").map { $0[1] }
        let smoothed = try Golden.table("solvers/sgd_average_loss4/losses_cli.txt").map { $0[1] }
        #expect(expected.count == 6)
        #expect(Compare.relativeMismatch("loss", found.map { $0.loss ?? .nan }, expected) == nil)
        #expect(Compare.relativeMismatch("mean", found.map { $0.smoothedLoss ?? .nan }, smoothed) == nil)
    }

    private static func train(solver name: String) throws -> [MetricsLine] {
        let run = try GoldenRun("solvers/\(name)", net: "net_contrastive", editSolver: Self.show)
        try run.train { $0.weights = [Golden.path("net_contrastive/init.caffemodel")] }
        return try run.metrics()
    }

    /// The TEST phase with the first weights and with the last: means over the three batches of four.
    @Test(arguments: nets)
    func testPhaseAgreesWithCaffe(name: String) throws {
        let run = try GoldenRun(name)
        for (moment, weights) in [("init", "init"), ("iter20", "snap_iter_20")] {
            let result = try Tester.test(
                model: run.net(name), weights: [Golden.path("\(name)/\(weights).caffemodel")], iterations: nil,
                options: RunOptions(), communicator: SoloCommunicator(), log: RecordingLog().log)
            for output in ["loss"] + (name == "net_softmax" ? ["accuracy"] : []) {
                let batches = try Self.tested(name, moment, output)
                #expect(batches.count == 3)
                let found = try #require(result.outputs.first { $0.name == output }?.value)
                let expected = batches.reduce(0, +) / 3
                #expect(Compare.relativeMismatch("\(moment) \(output)", [found], [expected]) == nil)
            }
        }
    }

    /// A value of each batch of test.txt: "init 0 loss 5.49094391".
    private static func tested(_ net: String, _ moment: String, _ output: String) throws -> [Double] {
        try Golden.lines("\(net)/test.txt").map { $0.split(separator: " ") }
            .filter { $0[0] == moment && $0[2] == output }.compactMap { Double($0[3]) }
    }

    /// Goes on from what the original Caffe wrote, old shapes and all; its learned_net is looked for beside it.
    @Test(arguments: ["net_contrastive", "net_shared"])
    func resumesFromCaffesSnapshot(name: String) throws {
        let run = try GoldenRun(name, editSolver: Self.show)
        let trainer = try run.train { $0.snapshot = Golden.path("\(name)/snap_iter_10.solverstate") }
        #expect(trainer.iteration == 20)
        let expected = try Golden.table("\(name)/losses_resumed.txt")
        let found = try run.metrics()
        #expect(expected.count == 10)
        #expect(found.map { Double($0.iteration) } == expected.map { $0[0] })
        #expect(Compare.relativeMismatch("loss", found.map { $0.loss ?? .nan }, expected.map { $0[1] }) == nil)
        #expect(
            try Weights.mismatches(run.prefix + "_iter_20.caffemodel", Golden.path("\(name)/snap_iter_20.caffemodel"))
                == [])
    }
}
