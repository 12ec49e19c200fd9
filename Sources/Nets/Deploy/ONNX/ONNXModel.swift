package import CaffeProto
package import Foundation
package import InteropProto
internal import SwiftProtobuf
import Tensors

/// A net as an ONNX model, which other programs run: onnxruntime, TensorRT, Core ML's and OpenVINO's converters.
///
/// Inputs and outputs have the names of their blobs; the number of samples is open ("N"). Weights stay where the net has
/// them until they are written. Source: onnx/onnx, docs/IR.md and docs/Operators.md, opset 17.
package struct ONNXModel {
    private static let opset: Int64 = 17
    private static let irVersion: Int64 = 8
    /// What protobuf can read as one message.
    private static let largestFile = Int(Int32.max)

    package let nodes: [ONNXNodeProto]
    package let constants: [ONNXConstant]
    package let inputs: [ONNXValueInfoProto]
    package let outputs: [ONNXValueInfoProto]
    private let name: String
    private let metadata: [String: String]

    /// Turns a net into a model.
    ///
    /// - Parameters:
    ///   - definition: in today's form and filtered for the phase TEST, with Input layers for one sample.
    ///   - net: set up from it, with its weights.
    ///   - metadata: what the model says about itself, such as how pixels must be prepared.
    /// - Throws: `NetError` for what has no form in ONNX here.
    package init(_ definition: NetParameter, net: Net, metadata: [String: String] = [:]) throws {
        let tensors = Tensors(definition)
        var graph = ONNXGraph(reserving: tensors.reserved)
        var writing = tensors
        inputs = try definition.layer.filter { $0.type == "Input" }.flatMap { layer in
            try layer.top.map { try Self.value($0, Self.blob($0, net), layer) }
        }
        for layer in definition.layer where layer.type != "Input" && layer.type != "Silence" {
            guard let step = net.step(named: layer.name) else {
                preconditionFailure("the net was not set up from this definition: it lacks layer \(layer.name)")
            }
            let read = layer.bottom.map { writing.current($0) }
            let written = layer.top.indices.map { writing.write(layer, top: $0, &graph) }
            let exported = ONNXLayer(
                definition: layer, parameters: step.layer.parameters, bottom: layer.bottom.map { Self.blob($0, net) },
                top: layer.top.map { Self.blob($0, net) }, inputs: read, outputs: written)
            try exported.write(to: &graph)
        }
        outputs = net.outputs.map { Self.value(writing.current($0.name), $0.blob) }
        (nodes, constants) = (graph.nodes, graph.constants)
        name = definition.name.isEmpty ? "net" : definition.name
        self.metadata = metadata
    }

    private static func blob(_ name: String, _ net: Net) -> Blob {
        guard let blob = net.blob(name) else { preconditionFailure("the net has no blob \(name)") }
        return blob
    }

    private static func value(_ name: String, _ blob: Blob, _ layer: LayerParameter) throws -> ONNXValueInfoProto {
        guard blob.shape.axes > 0, blob.shape[0] == 1 else {
            throw layer.fault("must have the shape 1 × … of one sample for export, found \(blob.shape)")
        }
        return value(name, blob)
    }

    /// A tensor of floats of any number of samples.
    private static func value(_ name: String, _ blob: Blob) -> ONNXValueInfoProto {
        var value = ONNXValueInfoProto()
        value.name = name
        value.type.tensorType.elemType = .float
        value.type.tensorType.shape.dim = blob.shape.dims.enumerated().map { axis, length in
            var dimension = ONNXTensorShapeProto.Dimension()
            dimension.value = axis == 0 ? .dimParam("N") : .dimValue(Int64(length))
            return dimension
        }
        return value
    }

    // MARK: Writing

    /// Writes the model piece by piece, the weights without a copy.
    ///
    /// - Throws: `NetError` for more bytes than a protobuf message may have; what `append` throws.
    package func write(_ append: (Data) throws -> Void) throws {
        let pieces = try graphPieces()
        let size = pieces.reduce(0) { $0 + $1.count }
        guard size < Self.largestFile else {
            throw NetError("its weights take \(size) bytes, but an ONNX file can't have more than \(Self.largestFile)")
        }
        try append(try header.serializedBytes())
        try append(Self.fieldStart(7, length: size))
        for piece in pieces { try append(piece) }
    }

    /// The model without its graph.
    private var header: ONNXModelProto {
        var model = ONNXModelProto()
        model.irVersion = Self.irVersion
        model.producerName = "TwoTower"
        var operators = ONNXOperatorSetIdProto()
        operators.domain = ""
        operators.version = Self.opset
        model.opsetImport = [operators]
        model.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
            var property = ONNXStringStringEntryProto()
            (property.key, property.value) = (key, value)
            return property
        }
        return model
    }

    /// A GraphProto in pieces, its fields in the order of their numbers.
    private func graphPieces() throws -> [Data] {
        var (beginning, ending) = (ONNXGraphProto(), ONNXGraphProto())
        (beginning.node, beginning.name) = (nodes, name)
        (ending.input, ending.output) = (inputs, outputs)
        var pieces: [Data] = [try beginning.serializedBytes()]
        for constant in constants {
            var tensor = ONNXTensorProto()
            tensor.dims = constant.dims.map(Int64.init)
            tensor.dataType = constant.type
            tensor.name = constant.name
            let frame: Data = try tensor.serializedBytes() + Self.fieldStart(9, length: constant.values.count)
            pieces += [Self.fieldStart(5, length: frame.count + constant.values.count), frame, constant.values]
        }
        return pieces + [try ending.serializedBytes()]
    }

    /// Tag and length of a length-delimited field (https://protobuf.dev/programming-guides/encoding).
    private static func fieldStart(_ number: Int, length: Int) -> Data {
        var bytes: [UInt8] = []
        for value in [number << 3 | 2, length] {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        return Data(bytes)
    }
}

/// Which tensor stands for a blob at each place of a definition.
///
/// The last layer that writes a blob gives the tensor the blob's name, so that outputs have theirs; those before it, and
/// what works in place on an input of the net, add the layer's.
private struct Tensors {
    let reserved: Set<String>
    private let inputs: Set<String>
    private let lastWriter: [String: String]
    private var names: [String: String] = [:]

    init(_ definition: NetParameter) {
        inputs = Set(definition.layer.filter { $0.type == "Input" }.flatMap(\.top))
        reserved = Set(definition.layer.flatMap(\.top))
        lastWriter = Dictionary(
            definition.layer.flatMap { layer in layer.top.map { ($0, layer.name) } }, uniquingKeysWith: { $1 })
    }

    /// What stands for a blob now.
    func current(_ blob: String) -> String { names[blob] ?? blob }

    /// What stands for a layer's top from now on.
    mutating func write(_ layer: LayerParameter, top: Int, _ graph: inout ONNXGraph) -> String {
        let blob = layer.top[top]
        let isLast = lastWriter[blob] == layer.name && !inputs.contains(blob)
        let name = isLast ? blob : graph.name(like: "\(blob)/\(layer.name)")
        names[blob] = name
        return name
    }
}
