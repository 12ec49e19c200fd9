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
                == "tower a has no blob \"f_p\"; it has d, label, f")
        #expect(
            fault { _ = try deploy(#"layer { name: "j" type: "Concat" bottom: "g" bottom: "f_p" top: "j" }"#) }?
                .hasPrefix("no head is known that compares the two towers: known are ContrastiveLoss, ") == true)
        #expect(
            fault { _ = try DeployNet(NetParameter()) }?
                .hasPrefix("this net can't be deployed as two towers: one data layer for each tower is needed, found 0")
                == true)
    }
}
