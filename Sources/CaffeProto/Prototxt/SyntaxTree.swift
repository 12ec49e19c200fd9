/// The blocks, fields and values of a prototxt as they were written, before anything is known of their meaning.
struct Block: Sendable {
    var fields: [Field] = []
    /// The opening brace; for a whole file its first byte.
    let opening: Range<Int>

    /// One `name: value`, `name { }` or `name: [value, value]`.
    struct Field: Sendable {
        let name: String
        let range: Range<Int>
        let values: [Value]
        let isList: Bool
    }

    enum Value: Sendable {
        case block(Block)
        case scalar(Scalar)

        /// The bytes to point at.
        var range: Range<Int> {
            switch self {
            case .block(let block): block.opening
            case .scalar(let scalar): scalar.range
            }
        }
    }

    struct Scalar: Sendable {
        enum Kind: Sendable {
            case word
            case number
            case text([UInt8])
        }
        let kind: Kind
        let isNegative: Bool
        /// With the sign.
        let range: Range<Int>
        /// As written, without the sign; empty for a text.
        let spelling: String
    }
}
