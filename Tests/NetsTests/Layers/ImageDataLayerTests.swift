import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

struct ImageDataLayerTests {
    private func layer(_ name: String = "d", batch: Int = 6, _ image: String = "", _ transform: String = "") -> String {
        """
        layer {
          name: "\(name)" type: "ImageData" top: "\(name)" top: "\(name) label"
          image_data_param { source: "list.txt" batch_size: \(batch) \(image) } transform_param { \(transform) }
        }

        """
    }

    private func context(shapes: [String: Shape] = [:]) -> NetContext {
        NetContext(phase: .train, globalBatch: 6, shard: 2..<6, sampleShapes: shapes)
    }

    @Test(arguments: [
        ("new_height: 5 new_width: 7", "", [4, 3, 5, 7]),
        ("new_height: 5 new_width: 7 is_color: false", "", [4, 1, 5, 7]),
        ("new_height: 5 new_width: 7", "crop_size: 4", [4, 3, 4, 4]),
        ("", "crop_size: 4", [4, 3, 4, 4]),
    ])
    func topHasTheShardsSamples(image: String, transform: String, shape: [Int]) throws {
        let net = try TestNet.make(layer("d", image, transform), context())
        #expect(net.known("d").shape == Shape(shape))
        #expect(net.known("d label").shape == [4])
    }

    @Test func picturesOfTheirOwnSizeGetTheirShapeFromTheContext() throws {
        let net = try TestNet.make(layer(), context(shapes: ["d": [3, 9, 8]]))
        #expect(net.known("d").shape == [4, 3, 9, 8])
    }

    @Test(arguments: [
        (
            "", "",
            "the size of its pictures is unknown; give image_data_param { new_height: … new_width: … } or "
                + "transform_param { crop_size: … }"
        ),
        ("new_height: 5", "", "image_data_param needs both new_height and new_width or neither, found 5 and 0"),
        (
            "new_height: 5 new_width: 7", "crop_size: 6",
            "crop_size 6 is larger than the picture, new_height 5 × new_width 7"
        ),
    ])
    func refusesUnknownSizes(image: String, transform: String, message: String) throws {
        #expect(try TestNet.fault(layer("d", image, transform), context()) == "layer d (ImageData): \(message)")
    }

    @Test func listsReadTogetherHaveOneBatchSize() throws {
        func batch(_ text: String) throws -> Int? {
            try DataLayers.batchSize(of: Prototxt.read(text: text, name: "test"))
        }
        #expect(try batch(layer("a") + layer("b")) == 6)
        #expect(try batch(TestNet.input("x", [2])) == nil)
        let differing = #expect(throws: NetError.self) { try batch(layer("a") + layer("b", batch: 5)) }
        #expect(
            differing?.description
                == "layer b (ImageData): batch_size is 5, but layer a has 6; all lists of a phase are "
                + "read together, so give them one batch_size")
        let empty = #expect(throws: NetError.self) { try batch(layer("a", batch: 0)) }
        #expect(empty?.description == "layer a (ImageData): batch_size must be 1 or more, found 0")
    }
}
