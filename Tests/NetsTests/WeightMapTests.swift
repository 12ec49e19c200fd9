import CaffeProto
import Nets
import Tensors
import TestSupport
import Testing

struct WeightMapTests {
    private func rule(_ text: String = "_p=") throws -> SuffixRule { try #require(SuffixRule(text)) }

    @Test(arguments: [
        ("conv1_p", ["conv1"], "conv1"), ("conv1_p", ["conv1", "conv1_p"], nil), ("conv1", ["conv1_p"], "conv1_p"),
        ("fc8", ["fc7", "fc7_p"], nil), ("conv1_p_p", ["conv1"], nil),
    ])
    func ownWeightsComeFirst(layer: String, available: [String], source: String?) throws {
        #expect(WeightMap(try rule(), available: Set(available)).source(of: layer) == source)
    }

    @Test func bothSuffixesMayBeGiven() throws {
        let map = WeightMap(try rule("_right=_left"), available: ["a_left"])
        #expect(map.source(of: "a_right") == "a_left")
        #expect(map.source(of: "a") == nil)
    }

    private func net(_ names: [String], outputs: Int = 2) throws -> Net {
        let layers = names.map { name in
            """
            layer { name: "\(name)" type: "InnerProduct" bottom: "x" top: "\(name)"
                inner_product_param { num_output: \(outputs) bias_term: false weight_filler { value: 9 } } }

            """
        }
        let net = try TestNet.make(TestNet.input("x", [1, 2]) + layers.joined())
        net.parameters.fill(seed: 1)
        return net
    }

    private func layer(_ name: String, _ values: [Float]) -> LayerParameter {
        var (layer, blob) = (LayerParameter(), BlobProto())
        blob.shape.dim = [2, 2]
        blob.data = values
        layer.name = name
        layer.blobs = [blob]
        return layer
    }

    private func weights(_ net: Net) -> [[Float]] { net.parameters.parameters.map(\.blob.dataArray) }

    @Test func bothTowersStartFromOne() throws {
        let net = try net(["a", "a_p", "b_p", "new"])
        let file = [layer("a", [1, 2, 3, 4]), layer("b", [5, 6, 7, 8])]
        let map = WeightMap(try rule(), available: ["a", "b"])
        let report = try net.loadWeights(of: file, from: "one.caffemodel", map: map)
        #expect(weights(net) == [[1, 2, 3, 4], [1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]])
        #expect(report.loaded == ["a"])
        #expect(report.mapped.map(\.layer) == ["a_p", "b_p"])
        #expect(report.missing == ["new"])
        #expect(
            report.description
                == "1 layer loaded; a_p takes those of a, b_p takes those of b; not in the file: new")
    }

    @Test func withoutAMapNothingStandsIn() throws {
        let net = try net(["a", "a_p"])
        let report = try net.loadWeights(of: [layer("a", [1, 2, 3, 4])], from: "one.caffemodel")
        #expect(weights(net) == [[1, 2, 3, 4], [9, 9, 9, 9]])
        #expect(report.missing == ["a_p"])
    }

    @Test func otherShapesAreRefused() throws {
        let net = try net(["a_p"], outputs: 3)
        let error = try #require(throws: NetError.self) {
            try net.loadWeights(
                of: [layer("a", [1, 2, 3, 4])], from: "one.caffemodel", map: WeightMap(try rule(), available: ["a"]))
        }
        #expect(
            error.description
                == "layer a_p (InnerProduct): weights 0 have shape 3×2, but in one.caffemodel those of a, which it takes, "
                + "2×2; leave --map out")
    }
}
