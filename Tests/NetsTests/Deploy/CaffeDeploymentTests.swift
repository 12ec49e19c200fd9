import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport
import Testing

/// Towers in files that Caffe loads.
struct CaffeDeploymentTests {
    private static func deploy(_ name: String) throws -> DeployNet {
        let whole = try NetDefinition.read(file: Golden.path("\(name)/train_val.prototxt"))
        return try DeployNet(whole.filtered(for: NetFilter.state(.test, net: whole.net.state, solver: nil)).net)
    }

    private static func net(_ definition: NetParameter, weights: String) throws -> Net {
        let net = try Net(definition, context: NetContext(phase: .test))
        let report = try net.loadWeights(from: weights)
        #expect(report.missing == [])
        return net
    }

    private static func outputs(of net: Net) throws -> [[Float]] {
        for (number, blob) in net.inputs.enumerated() {
            blob.copyData(from: TestValues.uniform(blob.count, 0...1, seed: UInt64(number)))
        }
        try net.forward()
        return net.outputs.map(\.blob.plainData)
    }

    /// What was written reads back as the same net: bit for bit.
    @Test(arguments: ["net_contrastive", "net_shared", "net_softmax"])
    func filesReadBackAsTheSameNet(name: String) throws {
        let folder = try ScratchDirectory("caffe")
        let trained = Golden.path("\(name)/snap_iter_20.caffemodel")
        let deploy = try Self.deploy(name)
        let image = DeployNet.Input.images([3, 64, 64])
        for definition in [try deploy.tower(.b, input: image), deploy.pair(a: image, b: image)] {
            let deployment = try CaffeDeployment(definition)
            let net = try Self.net(deployment.definition, weights: trained)
            var model = Data()
            let path = try folder.write("deploy.prototxt", deployment.text(comments: ["How pixels are prepared."]))
            try deployment.writeWeights(of: net) { model += $0 }
            let read = try Self.net(
                try NetDefinition.read(file: path).net, weights: try folder.write("deploy.caffemodel", model))
            let expected = try Self.outputs(of: try Self.net(definition, weights: trained))
            #expect(try Self.outputs(of: read) == expected)
            #expect(expected.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func onlyWhatCaffeKnowsIsLeft() throws {
        let text = """
            force_backward: true
            \(TestNet.input("x", [1, 3, 8, 8]))
            layer { name: "c" type: "Convolution" bottom: "x" top: "c" include { phase: TEST } param { name: "w" lr_mult: 3 }
              convolution_param { num_output: 2 kernel_size: 3 engine: DNNL } }
            layer { name: "p" type: "PReLU" bottom: "c" top: "p" param { lr_mult: 3 } propagate_down: false }
            """
        let net = try Prototxt.read(NetParameter.self, text: text, name: "test")
        let written = try CaffeDeployment(net).text(comments: ["one", "two"])
        #expect(written.hasPrefix("# one\n# two\nlayer {\n  name: \"x\"\n"))
        for word in ["force_backward", "include", "lr_mult", "DNNL", "propagate_down"] {
            #expect(!written.contains(word), "\(word)")
        }
        #expect(written.contains("name: \"w\""))
    }

    @Test func unitLengthIsSaidInCaffesTerms() throws {
        let text = TestNet.input("x", [3, 5]) + #"layer { name: "n" type: "L2Normalize" bottom: "x" top: "y" }"#
        let net = try Prototxt.read(NetParameter.self, text: text, name: "test")
        let deployment = try CaffeDeployment(net)
        #expect(deployment.definition.layer.map(\.type) == ["Input", "Reduction", "Power", "Scale"])
        let context = NetContext(phase: .test)
        let expected = try Self.outputs(of: try Net(net, context: context))
        let found = try Self.outputs(of: try Net(deployment.definition, context: context))
        #expect(found.count == 1)
        for (mine, theirs) in zip(found[0], expected[0]) { #expect(abs(mine - theirs) < 1e-6) }
    }

    @Test func refusesLayersThatCaffeLacks() throws {
        let text = TestNet.input("x", [1, 3]) + #"layer { name: "n" type: "Normalize" bottom: "x" top: "n" }"#
        let net = try Prototxt.read(NetParameter.self, text: text, name: "test")
        let error = #expect(throws: NetError.self) { _ = try CaffeDeployment(net) }
        #expect(
            error?.description
                == "layer n (Normalize): is no layer of Caffe's, and can't be said by others of its layers; leave --caffe out"
        )
    }
}
