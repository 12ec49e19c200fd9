import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

struct NetTests {
    private func fullyConnected(
        _ name: String, _ bottom: String, _ top: String, outputs: Int = 2, param: String = ""
    ) -> String {
        """
        layer {
          name: "\(name)" type: "InnerProduct" bottom: "\(bottom)" top: "\(top)" \(param)
          inner_product_param { num_output: \(outputs) weight_filler { type: "gaussian" } }
        }

        """
    }

    private let input = TestNet.input("x", [3, 4])
    private let loss = #"layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "loss" }"#

    // MARK: Faults of a definition

    @Test func refusesUnknownTypes() throws {
        func fault(_ type: String) throws -> String? {
            try TestNet.fault(input + #"layer { name: "L" type: "\#(type)" bottom: "x" top: "y" }"#)
        }
        let known = "(known types: \(LayerRegistry.knownTypes.joined(separator: ", ")))"
        #expect(try fault("Relu6") == #"layer "L": unknown layer type "Relu6"; did you mean "ReLU"? \#(known)"#)
        #expect(try fault("Quux") == #"layer "L": unknown layer type "Quux" \#(known)"#)
        #expect(
            try fault("LSTM")
                == #"layer "L": type "LSTM" is a layer of Caffe that this program does not have \#(known)"#)
    }

    @Test func refusesBottomsThatNobodyMakes() throws {
        let text = TestNet.input("features", [3, 4])
        #expect(
            try TestNet.fault(text + fullyConnected("fc", "faetures", "y"))
                == #"layer fc (InnerProduct): its bottom "faetures" is made by no layer before it in this phase; "#
                + #"the nearest name is "features""#)
        #expect(
            try TestNet.fault(fullyConnected("fc", "features", "y") + text)
                == #"layer fc (InnerProduct): its bottom "features" is made by no layer before it in this phase"#)
    }

    @Test func faultsTellTheirPlace() throws {
        let definition = try Prototxt.read(
            NetParameter.self, text: input + fullyConnected("fc", "z", "y") + fullyConnected("last", "x", "w"), name: ""
        )
        let error = #expect(throws: NetError.self) {
            try Net(definition, context: NetContext(phase: .train)) { "line of \($0)" }
        }
        #expect(error?.place == "line of fc")
    }

    @Test func refusesNamesUsedTwice() throws {
        #expect(
            try TestNet.fault(input + fullyConnected("fc", "x", "y") + fullyConnected("fc", "x", "z"))
                == "layer fc (InnerProduct): a second layer of this name in the same phase; weights are kept by layer "
                + "name, so names must differ")
        #expect(
            try TestNet.fault(input + fullyConnected("a", "x", "y") + fullyConnected("b", "x", "y"))
                == #"layer b (InnerProduct): its top "y" is already made by another layer; give it another name"#)
    }

    @Test func refusesOtherNumbersOfBlobs() throws {
        func fault(_ layer: String) throws -> String? { try TestNet.fault(input + "layer { \(layer) }") }
        #expect(
            try fault(#"name: "L" type: "ReLU" top: "y""#) == "layer L (ReLU): takes 1 bottom blob(s), found 0: []")
        #expect(
            try fault(#"name: "L" type: "Softmax" bottom: "x" top: "y" top: "z""#)
                == #"layer L (Softmax): takes 1 top blob(s), found 2: ["y", "z"]"#)
        #expect(
            try fault(#"name: "L" type: "SoftmaxWithLoss" bottom: "x" bottom: "x""#)
                == "layer L (SoftmaxWithLoss): takes 1 to 2 top blob(s), found 0: []")
        #expect(
            try fault(#"name: "L" type: "Concat" top: "y""#)
                == "layer L (Concat): takes at least 1 bottom blob(s), found 0: []")
    }

    @Test func refusesInPlaceWhereALayerCannot() throws {
        #expect(
            try TestNet.fault(input + fullyConnected("fc", "x", "x"))
                == #"layer fc (InnerProduct): can't work in place: give its top another name than its bottom "x""#)
    }

    @Test func refusesListsOfAnotherLength() throws {
        let net = input + TestNet.input("t", [3, 2]) + fullyConnected("fc", "x", "y")
        func fault(_ extra: String) throws -> String? { try TestNet.fault(net + loss.dropLast() + " \(extra) }") }
        #expect(
            try fault("loss_weight: 1 loss_weight: 2")
                == "layer loss (EuclideanLoss): has 2 loss_weight for 1 tops; give one a top")
        #expect(
            try fault("propagate_down: true")
                == "layer loss (EuclideanLoss): has 1 propagate_down for 2 bottoms; give one a bottom")
    }

    // MARK: What runs backward

    private func needs(_ net: Net) -> [String] { net.steps.filter(\.needsBackward).map(\.layer.name) }

    @Test func backwardRunsWhereSomethingLearnsUnderALoss() throws {
        let net = try TestNet.make(
            input + TestNet.input("t", [3, 2]) + fullyConnected("a", "x", "h") + fullyConnected("fc", "h", "y")
                + fullyConnected("side", "h", "z") + loss)
        // "side" leads to no loss; "x" and "t" need no gradient.
        #expect(needs(net) == ["a", "h_a_0_split", "fc", "loss"])
        #expect(!net.input("x").hasDiff && !net.input("t").hasDiff)
        #expect(net.outputs.map(\.name) == ["z", "loss"])

        fill(net)
        try net.forward()
        try net.backward()
        let side = try #require(net.step(named: "side")?.layer.parameters[0])
        #expect(side.blob.diffArray == [0, 0, 0, 0])
    }

    @Test func frozenLayersBelowEverythingDoNotRunBackward() throws {
        let net = try TestNet.make(
            input + TestNet.input("t", [3, 2])
                + fullyConnected("a", "x", "h", param: "param { lr_mult: 0 } param { lr_mult: 0 }")
                + fullyConnected("fc", "h", "y") + loss)
        #expect(needs(net) == ["fc", "loss"])
        #expect(net.step(named: "fc")?.propagateDown == [false])
    }

    @Test func forceBackwardReachesTheInputs() throws {
        let net = try TestNet.make(
            input + TestNet.input("t", [3, 2]) + fullyConnected("fc", "x", "y") + loss, forceBackward: true)
        #expect(net.input("x").hasDiff && net.input("t").hasDiff)
    }

    @Test func propagateDownStopsTheGradient() throws {
        let net = try TestNet.make(
            input + TestNet.input("t", [3, 2]) + fullyConnected("a", "x", "h")
                + fullyConnected("fc", "h", "y", param: "propagate_down: false") + loss)
        // Nothing under a loss is below "fc", so "a" has nothing to learn from.
        #expect(needs(net) == ["fc", "loss"])
    }

    @Test func aTestNetHasNoBackward() throws {
        let net = try TestNet.make(
            input + TestNet.input("t", [3, 2]) + fullyConnected("fc", "x", "y") + loss, NetContext(phase: .test))
        #expect(needs(net) == [])
        #expect(net.parameters.gradients == nil)
    }

    @Test func inPlaceLayersShareTheBlob() throws {
        let relu = #"layer { name: "relu" type: "ReLU" bottom: "y" top: "y" }"#
        let net = try TestNet.make(input + fullyConnected("fc", "x", "y") + relu)
        #expect(net.step(named: "fc")?.top[0] === net.step(named: "relu")?.top[0])
        #expect(net.outputs.map(\.name) == ["y"])
        let checker = try GradientChecker(
            TestNet.input("x", [3, 4]) + fullyConnected("fc", "x", "y", outputs: 3)
                + #"layer { name: "tanh" type: "TanH" bottom: "y" top: "y" }"#)
        #expect(try checker.mismatches() == [])
    }

    // MARK: Losses

    @Test func lossWeightScalesLossAndGradient() throws {
        let text = input + TestNet.input("t", [3, 2]) + fullyConnected("fc", "x", "y")
        let (plain, weighted) = (
            try TestNet.make(text + loss), try TestNet.make(text + loss.dropLast() + " loss_weight: 0.5 }")
        )
        let losses = try [plain, weighted].map { net in
            fill(net)
            let loss = try net.forward()
            try net.backward()
            return loss
        }
        #expect(losses[1] == losses[0] / 2)
        #expect(weighted.outputs[0].lossWeight == 0.5)
        // The top itself is not multiplied (Caffe).
        #expect(weighted.known("loss").dataArray == plain.known("loss").dataArray)
        for (w, p) in zip(weighted.parameters.parameters, plain.parameters.parameters) {
            #expect(w.blob.diffArray == p.blob.diffArray.map { $0 / 2 })
        }
    }

    /// Random weights and inputs.
    private func fill(_ net: Net) {
        net.parameters.fill(seed: 3)
        for (index, blob) in net.inputs.enumerated() {
            blob.copyData(from: TestValues.uniform(blob.count, seed: UInt64(index)))
        }
    }

    // MARK: Shared weights

    private func towers(_ first: String, _ second: String, outputs: Int = 2) -> String {
        TestNet.input("a", [3, 4]) + TestNet.input("b", [3, 4])
            + fullyConnected("fc", "a", "fa", param: first)
            + fullyConnected("fc_p", "b", "fb", outputs: outputs, param: second)
    }

    @Test func towersOfOneNameShareWeights() throws {
        let shared = #"param { name: "w" } param { name: "b" }"#
        let net = try TestNet.make(towers(shared, shared))
        #expect(net.parameters.parameters.map(\.name) == ["fc[0]", "fc[1]"])
        #expect(net.step(named: "fc")?.layer.parameters[0] === net.step(named: "fc_p")?.layer.parameters[0])
        #expect(try GoldenLayerCheck("shared_ip").mismatches() == [])
        #expect(try GradientChecker(towers(shared, shared)).mismatches() == [])
    }

    @Test func multipliersOfSharedWeightsComeFromTheLayerThatGivesThem() throws {
        let net = try TestNet.make(
            towers(#"param { name: "w" decay_mult: 3 }"#, #"param { name: "w" lr_mult: 2 decay_mult: 3 }"#))
        #expect(net.parameters.parameters[0].learningRateMultiplier == 2)
        #expect(net.parameters.parameters[0].decayMultiplier == 3)
    }

    @Test func refusesSharedWeightsThatDiffer() throws {
        #expect(
            try TestNet.fault(towers(#"param { name: "w" lr_mult: 1 }"#, #"param { name: "w" lr_mult: 2 }"#))
                == #"layer fc_p (InnerProduct): shares "w" with layer fc, but its lr_mult is 2.0 and there it is 1.0; "#
                + "set it once, or alike")
        #expect(
            try TestNet.fault(towers(#"param { name: "w" decay_mult: 0 }"#, #"param { name: "w" decay_mult: 1 }"#))
                == #"layer fc_p (InnerProduct): shares "w" with layer fc, but its decay_mult is 1.0 and there it is "#
                + "0.0; set it once, or alike")
        #expect(
            try TestNet.fault(towers(#"param { name: "w" }"#, #"param { name: "w" }"#, outputs: 3))
                == #"layer fc_p (InnerProduct): shares "w" with layer fc, but its shape is 3×4 and there it is 2×4"#)
    }

    @Test func aTestNetSharesTheTrainingNetsWeights() throws {
        let text = input + fullyConnected("fc", "x", "y")
        let owner = try TestNet.make(text)
        let definition = try Prototxt.read(NetParameter.self, text: text, name: "")
        let net = try Net(definition, context: NetContext(phase: .test), sharingWeightsOf: owner)
        #expect(net.step(named: "fc")?.layer.parameters[0] === owner.parameters.parameters[0])
        #expect(net.parameters.parameters.isEmpty)

        let other = try Prototxt.read(
            NetParameter.self, text: input + fullyConnected("fc", "x", "y", outputs: 5), name: "")
        let error = #expect(throws: NetError.self) {
            try Net(other, context: NetContext(phase: .test), sharingWeightsOf: owner)
        }
        #expect(
            error?.description
                == "layer fc (InnerProduct): has parameters [5×4, 5], but the same layer in the training "
                + "net has [2×4, 2]; layers of one name must agree in all phases")
    }

    /// A number mistyped asks for more than there is; nothing of it is tried.
    @Test(arguments: [
        ("InnerProduct", "inner_product_param { num_output: 4000000000 }", "more than 2147483647 values"),
        ("InnerProduct", "inner_product_param { num_output: 500000 }", "the net takes"),
        ("InnerProduct", "inner_product_param { num_output: 4000000000 engine: CAFFE }", "lower num_output"),
        ("Tile", "tile_param { axis: 1 tiles: 2000000000 }", "more than 2147483647 values"),
    ])
    func whatAsksForTooMuchIsRefused(type: String, parameter: String, said: String) throws {
        let text = input + "layer { name: \"l\" type: \"\(type)\" bottom: \"x\" top: \"y\" \(parameter) }"
        for engine in NetContext.Engine.allCases {
            let context = NetContext(phase: .train, defaultEngine: engine, memoryLimit: 1 << 20)
            let fault = try TestNet.fault(text.replacing(" engine: CAFFE", with: ""), context)
            #expect(fault?.hasPrefix("layer l (\(type)): ") == true, "\(fault ?? "")")
            #expect(fault?.contains(said) == true, "\(fault ?? "")")
        }
    }
}
