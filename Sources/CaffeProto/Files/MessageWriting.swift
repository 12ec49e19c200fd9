internal import Foundation
internal import SwiftProtobuf

/// One length-delimited field, the message in a piece of its own so that it is not copied.
func writeField(_ number: Int, _ message: some Message, by write: (Data) throws -> Void) throws {
    let content: Data = try message.serializedBytes()
    var start = WireWriter()
    start.tag(number, .lengthDelimited)
    start.varint(UInt64(content.count))
    try write(Data(start.bytes))
    try write(content)
}
