import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport

/// A net for export: with random weights, set up for one sample, and run on three.
struct ONNXCase {
    let name: String
    let definition: NetParameter
    let net: Net

    /// - Parameter shape: of the input "x", for one sample.
    init(_ name: String, _ layers: String, shape: Shape = [1, 6, 9, 11]) throws {
        try self.init(
            name,
            try Prototxt.read(NetParameter.self, text: TestNet.input("x", shape) + layers, name: name))
    }

    init(_ name: String, _ definition: NetParameter) throws {
        self.name = name
        self.definition = definition
        net = try Net(definition, context: NetContext(phase: .test))
        for (number, parameter) in net.parameters.parameters.enumerated() {
            let isStatistic = net.step(named: parameter.layerName)?.layer.type == "BatchNorm" && parameter.index > 0
            parameter.blob.copyData(
                from: TestValues.uniform(
                    parameter.shape.count, isStatistic ? 0.3...2 : -0.5...0.5, seed: UInt64(number)))
        }
    }

    /// Writes the model, and what goes into and comes out of our own net, for `onnx_agreement.py`.
    ///
    /// - Parameter range: of the inputs' values.
    func write(to folder: ScratchDirectory, samples: Int = 3, range: ClosedRange<Float> = -1...1) throws {
        var model = Data()
        try ONNXModel(definition, net: net).write { model += $0 }
        _ = try folder.write("\(name).onnx", model)
        var whole = definition
        for index in whole.layer.indices where whole.layer[index].type == "Input" {
            whole.layer[index].inputParam.shape[0].dim[0] = Int64(samples)
        }
        let many = try Net(whole, context: NetContext(phase: .test), sharingWeightsOf: net)
        for (number, blob) in many.inputs.enumerated() {
            blob.copyData(from: TestValues.uniform(blob.count, range, seed: UInt64(100 + number)))
            _ = try folder.write(
                "\(name).in.\(blob.name).npy", Npy.bytes(blob.dataArray, shape: blob.shape.dims))
        }
        try many.forward()
        for output in many.outputs {
            _ = try folder.write(
                "\(name).out.\(output.name).npy", Npy.bytes(output.blob.plainData, shape: output.blob.shape.dims))
        }
    }
}
