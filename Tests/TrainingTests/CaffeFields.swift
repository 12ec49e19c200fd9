import Foundation
import TestSupport

/// Caffe's binary files as protoc reads them: by the schema alone, with nothing of ours between.
enum CaffeFields {
    /// One value and the way to it, "layer.convolution_param.stride".
    private struct Field {
        let path: String
        let value: String
    }

    static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/protoc") }

    /// A sentence for each thing in which a file differs from one of Caffe's.
    ///
    /// All fields must be there in the same order and say the same; numbers of blobs may differ by `tolerance` times
    /// the blob's largest. What is ours (`two_tower`) and the folder of `learned_net` are left out.
    ///
    /// - Parameter message: "NetParameter" or "SolverState".
    static func mismatches(
        _ found: String, _ expected: String, as message: String, tolerance: Float
    ) throws -> [String] {
        let (found, expected) = (try decode(found, message), try decode(expected, message))
        guard found.map(\.path) == expected.map(\.path) else {
            let at = zip(found, expected).enumerated().first { $1.0.path != $1.1.path }
            return ["\(found.count) fields, expected \(expected.count); the first other one: \(at.debugDescription)"]
        }
        var mismatches: [String] = []
        var start = 0
        while start < expected.count {
            let path = expected[start].path
            let isData = path.hasSuffix(".data")
            let end = isData ? expected[start...].firstIndex { $0.path != path } ?? expected.count : start + 1
            let (ours, theirs) = (found[start..<end].map(\.value), expected[start..<end].map(\.value))
            let mismatch =
                isData
                ? Compare.mismatch(
                    "\(path) of field \(start)", ours.compactMap { Float($0) }, theirs.compactMap { Float($0) },
                    tolerance: tolerance)
                : ours == theirs ? nil : "\(path): \(ours[0]), expected \(theirs[0])"
            mismatches += [mismatch].compactMap(\.self)
            start = end
        }
        return mismatches
    }

    private static func decode(_ file: String, _ message: String) throws -> [Field] {
        let schema = Golden.directory.appending(path: "../../Sources/CaffeProto").standardizedFileURL.path
        let command = try Command.run(
            "/bin/sh",
            ["-c", #"protoc --decode="$1" -I "$2" caffe.proto < "$3""#, "sh", "caffe.\(message)", schema, file])
        precondition(command.status == 0, "protoc can't decode \(file): \(command.standardError)")
        var blocks: [String] = []
        var fields: [Field] = []
        for line in command.standardOutput.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            if line.hasSuffix(" {") {
                blocks.append(String(line.dropLast(2)))
                fields.append(Field(path: blocks.joined(separator: "."), value: "{"))
            } else if line == "}" {
                blocks.removeLast()
            } else if let colon = line.firstIndex(of: ":") {
                let name = line[..<colon]
                var value = String(line[line.index(colon, offsetBy: 2)...])
                if name == "learned_net" { value = String(value.split(separator: "/").last ?? "") }
                fields.append(Field(path: (blocks + [String(name)]).joined(separator: "."), value: value))
            }
        }
        return fields.filter { !$0.path.hasPrefix("two_tower") }
    }
}
