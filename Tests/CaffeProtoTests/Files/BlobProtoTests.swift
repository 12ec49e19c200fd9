import CaffeProto
import SwiftProtobuf
import Testing

struct BlobProtoTests {
    @Test func readsAMeanFile() throws {
        let blob = try BlobProto.read(file: GoldenFiles.path("preproc/mean64.binaryproto"))
        #expect(blob.dimensions == [1, 3, 64, 64])
        #expect(blob.floats.count == 3 * 64 * 64)
        #expect(blob.floats.allSatisfy { (0...255).contains($0) })
    }

    @Test func knowsOldAndNewShapes() {
        #expect(BlobProto.with { $0.shape.dim = [64, 3, 5, 5] }.dimensions == [64, 3, 5, 5])
        #expect(BlobProto.with { $0.shape = BlobShape() }.dimensions == [])
        #expect(BlobProto().dimensions == [])
        let old = BlobProto.with {
            $0.num = 1
            $0.height = 10
            $0.width = 20
        }
        #expect(old.dimensions == [1, 0, 10, 20])
    }

    @Test func roundsDoubles() {
        #expect(BlobProto.with { $0.doubleData = [0.1, 2] }.floats == [0.1, 2])
        #expect(BlobProto.with { $0.data = [0.5] }.floats == [0.5])
    }
}
