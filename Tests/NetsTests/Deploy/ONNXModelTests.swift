import CaffeProto
import Foundation
import InteropProto
import Nets
import Tensors
import TestSupport
import Testing

/// What a model is made of, and what is refused.
struct ONNXModelTests {
    private func model(_ layers: String, shape: Shape = [1, 6, 9, 11]) throws -> ONNXModel {
        let exported = try ONNXCase("net", layers, shape: shape)
        return try ONNXModel(exported.definition, net: exported.net)
    }

    private func fault(_ layers: String, shape: Shape = [1, 6, 9, 11]) throws -> String {
        do {
            _ = try model(layers, shape: shape)
            return "none"
        } catch let error as NetError {
            return error.description
        }
    }

    @Test func inputsAndOutputsHaveTheBlobsNames() throws {
        let model = try model(
            """
            layer { name: "ip" type: "InnerProduct" bottom: "x" top: "e" inner_product_param { num_output: 5 } }
            layer { name: "relu" type: "ReLU" bottom: "e" top: "e" }
            """)
        #expect(model.inputs.map(\.name) == ["x"])
        #expect(model.outputs.map(\.name) == ["e"])
        #expect(
            model.outputs[0].type.tensorType.shape.dim.map(\.value) == [.dimParam("N"), .dimValue(5)])
        #expect(model.nodes.map(\.opType) == ["Reshape", "Gemm", "Relu"])
        #expect(model.nodes[1].output == ["e/ip"])
        #expect(model.constants.map(\.name) == ["ip/rows", "ip.0", "ip.1"])
    }

    @Test func sharedWeightsStandOnce() throws {
        let model = try model(
            """
            layer { name: "a" type: "InnerProduct" bottom: "x" top: "a" param { name: "w" } inner_product_param { num_output: 5 bias_term: false } }
            layer { name: "b" type: "InnerProduct" bottom: "x" top: "b" param { name: "w" } inner_product_param { num_output: 5 bias_term: false } }
            """, shape: [1, 8])
        #expect(model.constants.map(\.name) == ["a.0"])
        #expect(model.nodes.filter { $0.opType == "Gemm" }.map { $0.input[1] } == ["a.0", "a.0"])
    }

    @Test func refusesWhatHasNoFormInONNX() throws {
        let unknown = try fault(#"layer { name: "m" type: "MVN" bottom: "x" top: "m" }"#)
        #expect(
            unknown.hasPrefix("layer m (MVN): has no form in ONNX here; what can be exported: AbsVal, BNLL, BatchNorm"))
        let samples = try fault(
            #"layer { name: "ip" type: "InnerProduct" bottom: "x" top: "e" inner_product_param { num_output: 1 axis: 0 } }"#
        )
        #expect(
            samples
                == "layer ip (InnerProduct): works along axis 0 of \"x\" (1×6×9×11); for export the first axis must stay the samples"
        )
        let places = try fault(
            #"layer { name: "p" type: "Pooling" bottom: "x" top: "p" top: "q" pooling_param { kernel_size: 2 } }"#)
        #expect(places.contains("has a second top, the places of the maxima"))
        #expect(
            try fault(#"layer { name: "r" type: "Reduction" bottom: "x" top: "r" }"#).contains(
                "for export the first axis"))
    }
}
