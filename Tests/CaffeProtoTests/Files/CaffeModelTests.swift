import CaffeProto
import Foundation
import SwiftProtobuf
import Testing

/// Reading and writing of caffemodels.
struct CaffeModelTests {
    private let golden = GoldenFiles.path("net_contrastive/snap_iter_10.caffemodel")

    private func whole() throws -> NetParameter {
        try NetParameter(serializedBytes: Data(contentsOf: URL(filePath: golden)))
    }

    @Test func readsLayerByLayerWhatIsThereAsAWhole() throws {
        let net = try whole()
        let reader = try CaffeModelReader(golden)
        #expect(reader.layerCount == net.layer.count && reader.layerCount > 20)
        #expect(try (0..<reader.layerCount).map(reader.layer) == net.layer)
        #expect(reader.header == .with { $0.name = net.name })
    }

    @Test func writesTheBytesThatCaffeWrote() throws {
        let reader = try CaffeModelReader(golden)
        var written = Data()
        let writer = try CaffeModelWriter(reader.header) { written += $0 }
        for number in 0..<reader.layerCount { try writer.append(reader.layer(number)) }
        #expect(written == (try Data(contentsOf: URL(filePath: golden))))
    }

    @Test func upgradesOldLayers() throws {
        let old = try Prototxt.read(
            NetParameter.self,
            text: """
                name: "old"
                layers { name: "ip" type: INNER_PRODUCT blobs { num: 1 channels: 1 height: 2 width: 3 data: [1, 2, 3, 4, 5, 6] } }
                layer { name: "new" type: "ReLU" }
                """, name: "old")
        try withFile(old.serializedBytes() as [UInt8]) { path in
            let reader = try CaffeModelReader(path)
            let layer = try reader.layer(0)
            #expect(layer.name == "ip" && layer.type == "InnerProduct")
            #expect(layer.blobs[0].dimensions == [1, 1, 2, 3])
            #expect(layer.blobs[0].floats == [1, 2, 3, 4, 5, 6])
            #expect(try reader.layer(1).name == "new")
        }
    }

    @Test func readsALayerOfCaffesFirstFormat() throws {
        // net { name: "x" layers { layer { name: "y" } } }
        let bytes: [UInt8] = [0x0a, 1, 0x78, 0x12, 5, 0x0a, 3, 0x0a, 1, 0x79]
        try withFile(bytes) { path in
            let reader = try CaffeModelReader(path)
            #expect(try reader.layer(0).name == "y")
        }
    }

    /// Cut anywhere, a file is refused when it is opened, or it ends between two fields and has fewer layers.
    @Test func refusesAFileThatIsCutShort() throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: golden)))
        let layers = try CaffeModelReader(golden).layerCount
        var refused = 0
        for count in [1, 2, 5, 30, 100, 1000, 5000, 5001, 5002, 20_000, 100_000, 200_000, bytes.count - 1] {
            try withFile(bytes.prefix(count)) { path in
                do {
                    #expect(try CaffeModelReader(path).layerCount < layers)
                } catch {
                    refused += 1
                    #expect((error as? CaffeFileError)?.file == path)
                }
            }
        }
        #expect(refused >= 10)
        try withFile(bytes.dropLast()) { path in
            let error = #expect(throws: CaffeFileError.self) { try CaffeModelReader(path) }
            #expect(error?.offset.map { $0 < bytes.count } == true)
            #expect(error?.problem.hasPrefix("the file ends inside field 100: it should be ") == true)
        }
    }

    @Test func refusesDamage() throws {
        // A field number of 0, a group, a number without an end, a length beyond the file, a damaged layer.
        let name: [UInt8] = [0x0a, 1, 0x78]
        let endless = [UInt8](repeating: 0xff, count: 12)
        for tail in [[0x02, 1, 1], [0x0b, 1], [0x28] + endless, [0x0a] + endless, [0x0a, 0x7f, 1]] as [[UInt8]] {
            try withFile(name + tail) { path in
                let error = #expect(throws: CaffeFileError.self) { try CaffeModelReader(path) }
                #expect(error?.offset.map { $0 >= 3 } == true)
            }
        }
        try withFile(name + [0xa2, 0x06, 2, 0x0a, 9]) { path in
            let reader = try CaffeModelReader(path)
            #expect {
                try reader.layer(0)
            } throws: {
                "\($0)" == "\(path), byte 6: the 2 bytes from here are no LayerParameter (read as a caffemodel)"
            }
        }
    }

    @Test func handsOnTheErrorsOfWriting() throws {
        struct DiskFull: Error {}
        #expect(throws: DiskFull.self) { try CaffeModelWriter(NetParameter()) { _ in throw DiskFull() } }
    }
}
