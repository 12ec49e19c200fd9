internal import Foundation
internal import SwiftProtobuf

/// Names, types and numbers of all fields of caffe.proto, read from its own descriptor.
struct Schema: Sendable {
    /// A message type.
    struct Message: Sendable {
        /// "ConvolutionParameter".
        let name: String
        /// In the order of caffe.proto.
        let fields: [Field]
        private let byName: [String: Int]
        private let byNumber: [Int: Int]

        init(name: String, fields: [Field]) {
            self.name = name
            self.fields = fields
            byName = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
            byNumber = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.number, $0) })
        }

        subscript(field: String) -> Field? { byName[field].map { fields[$0] } }

        func field(numbered number: Int) -> Field? { byNumber[number].map { fields[$0] } }
    }

    struct Field: Sendable {
        let name: String
        let number: Int
        let type: FieldType
        let isRepeated: Bool
        let isRequired: Bool
    }

    enum FieldType: Sendable {
        case int32, int64, uint32, uint64, float, double, bool, string, bytes
        case enumeration([EnumValue])
        /// By full name.
        case message(String)
    }

    struct EnumValue: Sendable {
        let name: String
        let number: Int32
    }

    /// The schema of caffe.proto.
    static let caffe: Schema = {
        guard let bytes = Data(base64Encoded: caffeSchemaBase64, options: .ignoreUnknownCharacters),
            let files = try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes)
        else { preconditionFailure("caffe.schema.swift is damaged: run Sources/CaffeProto/generate") }
        return Schema(files)
    }()

    private let messages: [String: Message]

    /// The message type of a full name ("caffe.NetParameter"), which must be one of caffe.proto's.
    func message(_ fullName: String) -> Message {
        guard let message = messages[fullName] else { preconditionFailure("\(fullName) is not in caffe.proto") }
        return message
    }

    private init(_ files: Google_Protobuf_FileDescriptorSet) {
        var enumerations: [String: [EnumValue]] = [:]
        var descriptors: [String: Google_Protobuf_DescriptorProto] = [:]
        for file in files.file {
            for type in file.enumType { enumerations["\(file.package).\(type.name)"] = type.values }
            for type in file.messageType {
                let name = "\(file.package).\(type.name)"
                descriptors[name] = type
                for inner in type.enumType { enumerations["\(name).\(inner.name)"] = inner.values }
            }
        }
        messages = descriptors.mapValues { type in
            Message(name: type.name, fields: type.field.map { Field($0, enumerations: enumerations) })
        }
    }
}

extension Schema.Field {
    fileprivate init(_ field: Google_Protobuf_FieldDescriptorProto, enumerations: [String: [Schema.EnumValue]]) {
        name = field.name
        number = Int(field.number)
        isRepeated = field.label == .repeated
        isRequired = field.label == .required
        let typeName = String(field.typeName.dropFirst())  // without the leading point
        type =
            switch field.type {
            case .int32: .int32
            case .int64: .int64
            case .uint32: .uint32
            case .uint64: .uint64
            case .float: .float
            case .double: .double
            case .bool: .bool
            case .string: .string
            case .bytes: .bytes
            case .message: .message(typeName)
            case .enum: .enumeration(enumerations[typeName] ?? [])
            default: preconditionFailure("caffe.proto has a type that the prototxt reader does not know")
            }
    }
}

extension Google_Protobuf_EnumDescriptorProto {
    fileprivate var values: [Schema.EnumValue] { value.map { Schema.EnumValue(name: $0.name, number: $0.number) } }
}
