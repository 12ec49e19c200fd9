import CaffeProto
import Nets
import TestSupport
import Testing

struct DeployNetTests {
    private static let data = """
        layer { name: "d" type: "ImageData" top: "d" top: "label" image_data_param { source: "1" batch_size: 2 } }
        layer { name: "d_p" type: "ImageData" top: "d_p" top: "label_p" image_data_param { source: "2" batch_size: 2 } }
        layer { name: "s" type: "Silence" bottom: "label_p" }

        """
    private static let towers = """
        layer { name: "fc" type: "InnerProduct" bottom: "d" top: "f" inner_product_param { num_output: 4 } }
        layer { name: "relu" type: "ReLU" bottom: "f" top: "f" }
        layer { name: "drop" type: "Dropout" bottom: "f" top: "g" }
        layer { name: "fc_p" type: "InnerProduct" bottom: "d_p" top: "f_p" inner_product_param { num_output: 4 } }
        layer { name: "drop_p" type: "Dropout" bottom: "f_p" top: "f_p" }

        """
    private static let contrastive =
        #"layer { name: "loss" type: "ContrastiveLoss" bottom: "g" bottom: "f_p" bottom: "label" top: "loss" }"#
    private static let softmax = """
        layer { name: "both" type: "Concat" bottom: "g" bottom: "f_p" top: "both" }
        layer { name: "cls" type: "InnerProduct" bottom: "both" top: "cls" inner_product_param { num_output: 2 } }
        layer { name: "accuracy" type: "Accuracy" bottom: "cls" bottom: "label" top: "accuracy" }
        layer { name: "loss" type: "SoftmaxWithLoss" bottom: "cls" bottom: "label" top: "loss" }
        """

    private func deploy(_ head: String, towers: String = towers) throws -> DeployNet {
        try DeployNet(try Prototxt.read(NetParameter.self, text: Self.data + towers + head, name: "test"))
    }

    /// "fc: d -> f".
    private func layers(_ net: NetParameter) -> [String] {
        net.layer.map { "\($0.name): \($0.bottom.joined(separator: " ")) -> \($0.top.joined(separator: " "))" }
    }

    /// Losses, the other tower and Dropout are gone, a ReLU in place on the embedding stays.
    @Test func aTowerIsWhatItsEmbeddingNeeds() throws {
        let net = try deploy(Self.contrastive)
        #expect(net.head == .distance(a: "f", b: "f_p"))
        #expect(net.embedding(of: .a) == "f" && net.embedding(of: .b) == "f_p" && net.label == "label")
        let lists = try net.tower(.a, input: .lists)
        #expect(layers(lists) == ["d:  -> d label", "fc: d -> f", "relu: f -> f"])
        let images = try net.tower(.b, input: .images([3, 5, 7]))
        #expect(layers(images) == ["d_p:  -> d_p", "fc_p: d_p -> f_p"])
        #expect(images.layer[0].type == "Input" && images.layer[0].inputParam.shape[0].dim == [1, 3, 5, 7])
    }

    @Test func aSoftmaxHeadEndsInAProbability() throws {
        let net = try deploy(Self.softmax)
        #expect(net.head == .probability("prob"))
        #expect(
            layers(net.pair(a: .lists, b: .lists)) == [
                "d:  -> d label", "d_p:  -> d_p", "fc: d -> f", "relu: f -> f", "fc_p: d_p -> f_p",
                "both: f f_p -> both", "cls: both -> cls", "prob: cls -> prob",
            ])
    }

    /// One data layer whose records hold both images, as `twotower pack` writes them.
    @Test func recordsOfPairsArePartedInTwo() throws {
        let data = """
            layer { name: "pairs" type: "Data" top: "pair" top: "label" data_param { source: "1" batch_size: 2 } }
            layer { name: "slice" type: "Slice" bottom: "pair" top: "d" top: "d_p" slice_param { slice_point: 3 } }

            """
        func read(_ data: String) throws -> NetParameter {
            try Prototxt.read(NetParameter.self, text: data + Self.towers + Self.contrastive, name: "test")
        }
        let net = try DeployNet(read(data))
        #expect(net.readsWholePairs && net.label == "label")
        #expect(net.images(of: .a) == "d" && net.images(of: .b) == "d_p")
        let reading = ["pairs:  -> pair label", "slice: pair -> d d_p"]
        #expect(layers(try net.tower(.b, input: .lists)) == reading + ["fc_p: d_p -> f_p"])
        #expect(layers(try net.tower(.b, input: .images([3, 5, 7]))) == ["d_p:  -> d_p", "fc_p: d_p -> f_p"])
        #expect(
            layers(net.pair(a: .lists, b: .lists)) == reading + ["fc: d -> f", "relu: f -> f", "fc_p: d_p -> f_p"])
        #expect(
            layers(net.pair(a: .images([3, 5, 7]), b: .images([1, 5, 7]))) == [
                "d:  -> d", "d_p:  -> d_p", "fc: d -> f", "relu: f -> f", "fc_p: d_p -> f_p",
            ])
        #expect(throws: NetError.self) { try DeployNet(read(data.replacing("slice_point: 3", with: "axis: 0"))) }
        let split = #expect(throws: NetError.self) { try TowerSplit(read(data), half: .a) }
        #expect(split?.message.contains("layer slice parts the records of one") == true)
    }

    /// The label that only the second list has comes from the first, since all lists have the same.
    @Test func oneLabelIsEnough() throws {
        let text = (Self.data + Self.towers + Self.contrastive).replacing("top: \"label\" image", with: "image")
            .replacing("bottom: \"label\"", with: "bottom: \"label_p\"")
        let net = try DeployNet(Prototxt.read(NetParameter.self, text: text, name: "test"))
        #expect(layers(net.pair(a: .lists, b: .lists)).prefix(2) == ["d:  -> d label_p", "d_p:  -> d_p"])
    }

    @Test func othersAreRefused() throws {
        func fault(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch {
                return "\(error)"
            }
        }
        let net = try deploy(Self.contrastive)
        #expect(
            fault { _ = try net.tower(.a, to: "f_p", input: .lists) }
                == "tower a has no blob \"f_p\"; it has d, f")
        #expect(
            fault { _ = try deploy(#"layer { name: "j" type: "Concat" bottom: "g" bottom: "f_p" top: "j" }"#) }?
                .hasPrefix("no head is known that compares the two towers: known are ContrastiveLoss, ") == true)
        #expect(
            fault { _ = try DeployNet(NetParameter()) }?
                .hasPrefix("this net can't be deployed as two towers: one data layer for each tower is needed, found 0")
                == true)
    }
}
