import Foundation
import InteropProto
import Tensors

/// A constant of an ONNX graph: weights, or small numbers that operators take as inputs.
package struct ONNXConstant {
    package let name: String
    let dims: [Int]
    let type: ONNXTensorProto.DataType
    /// In row-major order, little-endian.
    let values: Data
}

/// A graph of ONNX operators as it grows.
///
/// Each tensor is written once and has a name of its own, since ONNX knows no working in place.
struct ONNXGraph {
    enum Attribute {
        case int(Int), ints([Int]), float(Float), string(String)
    }

    /// An operator on what flows through a chain, with the names of its further inputs.
    struct Operation {
        let type: String
        let inputs: [String]
        let attributes: KeyValuePairs<String, Attribute>

        init(_ type: String, _ inputs: [String] = [], _ attributes: KeyValuePairs<String, Attribute> = [:]) {
            self.type = type
            self.inputs = inputs
            self.attributes = attributes
        }
    }

    private(set) var nodes: [ONNXNodeProto] = []
    private(set) var constants: [ONNXConstant] = []
    private var names: Set<String>
    private var weightNames: [WeightKey: String] = [:]

    /// Weights may be laid along tensors of different axes.
    private struct WeightKey: Hashable {
        let parameter: ObjectIdentifier
        let dims: [Int]
    }

    /// - Parameter names: those that only their owners may use.
    init(reserving names: Set<String>) {
        self.names = names
    }

    /// A name that no tensor has: the one wished for, with a number where it is taken.
    mutating func name(like wish: String) -> String {
        var (name, number) = (wish, 2)
        while !names.insert(name).inserted {
            name = "\(wish)_\(number)"
            number += 1
        }
        return name
    }

    mutating func add(
        _ type: String, _ inputs: [String], to outputs: [String], name: String,
        _ attributes: KeyValuePairs<String, Attribute> = [:]
    ) {
        var node = ONNXNodeProto()
        node.opType = type
        node.input = inputs
        node.output = outputs
        node.name = name
        node.attribute = attributes.map { Self.attribute($0, $1) }
        nodes.append(node)
    }

    /// Adds operators one behind the other; none at all hand on what they get.
    mutating func chain(_ operations: [Operation], from input: String, to output: String, layer: String) {
        var current = input
        let operations = operations.isEmpty ? [Operation("Identity")] : operations
        for (index, operation) in operations.enumerated() {
            let isLast = index == operations.count - 1
            let next = isLast ? output : name(like: "\(layer)/\(operation.type)")
            add(
                operation.type, [current] + operation.inputs, to: [next], name: isLast ? layer : next,
                operation.attributes)
            current = next
        }
    }

    // MARK: Constants

    /// Adds numbers; a scalar where no lengths are given.
    mutating func constant(_ values: [Float], dims: [Int] = [], for what: String) -> String {
        add(dims, .float, Data(values.flatMap { $0.bitPattern.littleEndianBytes }), for: what)
    }

    /// Adds a list of whole numbers: a shape, or lengths.
    mutating func constant(_ values: [Int], for what: String) -> String {
        add([values.count], .int64, Data(values.flatMap { Int64($0).littleEndianBytes }), for: what)
    }

    /// Adds a layer's weights, once for all layers that share them, and without a copy.
    ///
    /// - Parameter dims: nil for the shape that they have.
    mutating func weights(_ parameter: Parameter, dims: [Int]? = nil) -> String {
        let dims = dims ?? parameter.shape.dims
        let key = WeightKey(parameter: ObjectIdentifier(parameter), dims: dims)
        if let known = weightNames[key] { return known }
        let name = add(
            dims, .float, parameter.blob.dataBytes, for: "\(parameter.layerName).\(parameter.index)")
        weightNames[key] = name
        return name
    }

    private mutating func add(
        _ dims: [Int], _ type: ONNXTensorProto.DataType, _ values: Data, for what: String
    ) -> String {
        let constant = ONNXConstant(name: name(like: what), dims: dims, type: type, values: values)
        constants.append(constant)
        return constant.name
    }

    private static func attribute(_ name: String, _ value: Attribute) -> ONNXAttributeProto {
        var attribute = ONNXAttributeProto()
        attribute.name = name
        switch value {
        case .int(let value):
            attribute.type = .int
            attribute.i = Int64(value)
        case .ints(let values):
            attribute.type = .ints
            attribute.ints = values.map(Int64.init)
        case .float(let value):
            attribute.type = .float
            attribute.f = value
        case .string(let value):
            attribute.type = .string
            attribute.s = Data(value.utf8)
        }
        return attribute
    }
}

extension FixedWidthInteger {
    fileprivate var littleEndianBytes: [UInt8] {
        stride(from: 0, to: bitWidth, by: 8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
