import Comm
import Foundation
import TestSupport
import Testing
import Training

/// Where a solver's nets come from: files, the solver itself, several of them, chosen by states.
struct SolverDefinitionTests {
    private let folder: ScratchDirectory

    init() throws { folder = try ScratchDirectory("solver") }

    /// A data layer, and layers that stages and levels choose.
    private static func net(_ name: String) -> String {
        """
        name: "\(name)"
        layer {
            name: "data" type: "ImageData" top: "data" top: "label"
            image_data_param { source: "list.txt" batch_size: 4 new_height: 8 new_width: 8 }
        }
        layer { name: "extra" type: "ReLU" bottom: "data" top: "extra" include { stage: "extra" } }
        layer { name: "deep" type: "ReLU" bottom: "data" top: "deep" include { min_level: 2 } }
        """
    }

    private static let least = #"base_lr: 1 lr_policy: "fixed" max_iter: 1 test_interval: 5 "#

    private func plan(_ solver: String) throws -> TrainingPlan {
        let path = try folder.write("solver.prototxt", Self.least + solver)
        return try TrainingPlan.make(
            TrainingPlan.Request(solverPath: path), communicator: SoloCommunicator(), log: RecordingLog().log)
    }

    private func file(_ name: String) throws -> String {
        try folder.write("\(name).prototxt", Self.net(name))
        return "\"\(name).prototxt\""
    }

    private func names(_ plan: TrainingPlan) -> (train: String, tests: [String]) {
        (plan.trainDefinition.net.name, plan.testDefinitions.map(\.net.name))
    }

    @Test func theCommonNetServesBoth() throws {
        let plan = try plan("net: \(try file("a")) test_iter: [1, 2, 3]")
        #expect(names(plan) == ("a", ["a", "a", "a"]))
        #expect(plan.trainDefinition.phase == .train)
        #expect(plan.testDefinitions.allSatisfy { $0.phase == .test })
    }

    /// Caffe's order: nets in the solver, files, and the common net for what is left.
    @Test func eachFieldGivesNets() throws {
        let plan = try plan(
            """
            train_net: \(try file("t")) test_net: \(try file("b")) test_net: \(try file("c")) test_iter: [1, 2, 3]
            test_net_param { \(Self.net("inside")) }
            """)
        #expect(names(plan) == ("t", ["inside", "b", "c"]))
        let both = try self.plan("net: \(try file("a")) test_net: \(try file("b")) test_iter: [1, 2]")
        #expect(names(both) == ("a", ["b", "a"]))
        let none = try self.plan("train_net: \(try file("t"))")
        #expect(names(none) == ("t", []))
    }

    @Test func netsMayStandInTheSolver() throws {
        let common = try plan("net_param { \(Self.net("inside")) } test_iter: 1")
        #expect(names(common) == ("inside", ["inside"]))
        let own = try plan("train_net_param { \(Self.net("t")) } test_net_param { \(Self.net("u")) } test_iter: 1")
        #expect(names(own) == ("t", ["u"]))
        #expect(own.batchSize == 4)
        #expect(own.trainDefinition.place("data")?.contains("solver.prototxt:2:1") == true)
    }

    @Test func statesChooseLayers() throws {
        let plan = try plan(
            """
            net: \(try file("a")) test_iter: [1, 1, 1] train_state { level: 2 }
            test_state { stage: "extra" } test_state { stage: "extra" level: 3 } test_state { }
            """)
        func layers(_ net: PhaseNet) -> [String] { net.net.layer.dropFirst().map(\.name) }
        #expect(layers(plan.trainDefinition) == ["deep"])
        #expect(plan.testDefinitions.map(layers) == [["extra"], ["extra", "deep"], []])
    }

    @Test func weightsMayBeNamed() throws {
        try folder.write("w.caffemodel", "")
        let plan = try plan("net: \(try file("a")) weights: \"w.caffemodel,v.caffemodel\" weights: \"u.caffemodel\"")
        guard case .weights(let files, _) = plan.start else {
            Issue.record("starts from nothing")
            return
        }
        #expect(files == [folder.file("w.caffemodel"), "v.caffemodel", "u.caffemodel"])
    }

    @Test(arguments: [
        ("", #"the solver names no net; add net: "train_val.prototxt""#),
        (
            #"net: "a" train_net: "b" net_param { }"#,
            "the net to train is given 3 times, by train_net, net_param, net; keep one"
        ),
        (
            "train_net: A test_iter: 1",
            "1 test_iter for 0 nets to test (test_net, test_net_param); give each net its test_iter, or a net: for the others"
        ),
        ("net: A test_net: A test_net: A test_iter: 1", "1 test_iter for 2 nets to test"),
        ("net: A test_iter: [1, 1] test_state { }", "1 test_state for 2 nets to test; give one a net, or none"),
        ("net: A train_state { phase: TEST }", "a state says phase: TEST for the TRAIN net; leave the phase out of it"),
    ])
    func whatDoesNotFitIsNamed(solver: String, message: String) throws {
        let net = try file("a")
        let error = #expect(throws: (any Error).self) { try plan(solver.replacing("A", with: net)) }
        #expect(error.map { "\($0)".contains(message) } == true, "\(error.debugDescription)")
    }

    /// Golden losses with the net, of the old form, inside the solver: its paths begin beside the solver.
    @Test func aNetInTheSolverTrainsAsInCaffe() throws {
        let run = try GoldenRun("net_contrastive")
        let net = try Golden.text("net_contrastive/train_val.prototxt")
        let text = try Golden.text("net_contrastive/solver.prototxt")
            .replacing(/net: .*\n/, with: "").replacing("type: \"SGD\"", with: "solver_type: SGD")
        let path = try run.folder.write(
            "net_contrastive/inside.prototxt", text + "display: 1\nnet_param {\n\(net)\n}\n")
        try run.train {
            $0.solverPath = path
            $0.weights = [Golden.path("net_contrastive/init.caffemodel")]
            $0.maxIteration = 3
        }
        let expected = try Golden.table("net_contrastive/losses.txt").prefix(3).map { $0[2] }
        #expect(Compare.relativeMismatch("loss", try run.metrics().map { $0.loss ?? .nan }, expected) == nil)
    }
}
