import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

struct DataLayerTests {
    private func layer(_ name: String = "d", batch: Int = 6) -> String {
        """
        layer {
          name: "\(name)" type: "Data" top: "\(name)" top: "\(name) label"
          data_param { source: "train_lmdb" batch_size: \(batch) }
        }

        """
    }

    /// The records' shape comes from the database, the number of samples from the shard.
    @Test func topHasTheShardsSamples() throws {
        let context = NetContext(phase: .train, globalBatch: 6, shard: 2..<6, sampleShapes: ["d": [6, 9, 8]])
        let net = try TestNet.make(layer(), context)
        #expect(net.known("d").shape == [4, 6, 9, 8])
        #expect(net.known("d label").shape == [4])
        let fault = try TestNet.fault(layer(), NetContext(phase: .train, globalBatch: 6, shard: 0..<6))
        #expect(fault?.contains("layer d (Data): the shape of its records is unknown") == true)
    }

    @Test func layersAgreeOnTheBatchSize() throws {
        func size(_ text: String) throws -> Int? {
            try DataLayers.batchSize(of: Prototxt.read(NetParameter.self, text: text, name: "test"))
        }
        #expect(try size(layer("a") + layer("b")) == 6)
        #expect(try size("") == nil)
        let differ = #expect(throws: NetError.self) { try size(layer("a") + layer("b", batch: 5)) }
        #expect(differ?.description.hasPrefix("layer b (Data): batch_size is 5, but layer a has 6") == true)
        #expect(throws: NetError.self) { try size(layer(batch: 0)) }
    }
}
