import CaffeProto
import Nets
import TestSupport
import Testing

@Suite struct TowerSplitTests {
    private static let data = """
        layer { name: "d" type: "ImageData" top: "d" top: "label" image_data_param { source: "1" batch_size: 2 } }
        layer { name: "d_p" type: "ImageData" top: "d_p" top: "label_p" image_data_param { source: "2" batch_size: 2 } }
        layer { name: "s" type: "Silence" bottom: "label_p" }

        """
    private static let towers = """
        layer { name: "fc" type: "InnerProduct" bottom: "d" top: "f" inner_product_param { num_output: 4 } }
        layer { name: "relu" type: "ReLU" bottom: "f" top: "f" }
        layer { name: "fc_p" type: "InnerProduct" bottom: "d_p" top: "f_p" inner_product_param { num_output: 4 } }
        layer { name: "loss" type: "ContrastiveLoss" bottom: "f" bottom: "f_p" bottom: "label" top: "loss" }

        """

    private func half(_ half: TowerSplit.Half, of text: String) throws -> TowerSplit {
        try TowerSplit(try Prototxt.read(NetParameter.self, text: text, name: "test"), half: half)
    }

    /// "loss: f f_p label -> loss".
    private func layers(_ split: TowerSplit) -> [String] {
        split.definition.layer.map {
            "\($0.name): \($0.bottom.joined(separator: " ")) -> \($0.top.joined(separator: " "))"
        }
    }

    @Test func eachHalfHasItsTowerAndWhatJoinsThem() throws {
        let a = try half(.a, of: Self.data + Self.towers)
        #expect(a.column == 0)
        #expect(
            layers(a) == [
                "d:  -> d label", "s: label -> ", "fc: d -> f", "relu: f -> f", "partner: f -> f_p",
                "loss: f f_p label -> loss",
            ])
        let b = try half(.b, of: Self.data + Self.towers)
        #expect(b.column == 1)
        #expect(
            layers(b) == [
                "d_p:  -> d_p label_p", "s: label_p -> ", "fc_p: d_p -> f_p", "partner: f_p -> f",
                "loss: f f_p label_p -> loss",
            ])
    }

    @Test func aHalfWithoutALabelOfItsOwnGetsOne() throws {
        let text = (Self.data + Self.towers).replacing(#" top: "label_p""#, with: "")
            .replacing(#"layer { name: "s" type: "Silence" bottom: "label_p" }"#, with: "")
        #expect(layers(try half(.b, of: text)).first == "d_p:  -> d_p label")
    }

    private func problem(_ text: String) -> String? {
        do {
            _ = try half(.a, of: text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func whatCannotBeDividedIsSaid() {
        let shared = Self.towers.replacing("{ name: \"fc", with: "{ param { name: \"w\" } name: \"fc")
        #expect(
            problem(Self.data + shared)
                == "--placement split: layers fc and fc_p, which are not of one tower, share the weights \"w\"; train this net with "
                + "--placement both")
        let alone = Self.data.split(separator: "\n").first.map(String.init) ?? ""
        #expect(problem(alone)?.contains("one data layer for each tower is needed, found 1") == true)
        let late = Self.towers + #"layer { name: "late" type: "ReLU" bottom: "f" top: "f" }"#
        #expect(
            problem(Self.data + late)?.contains("layer late changes in place what loss has read before") == true)
        let apart = Self.towers.split(separator: "\n").dropLast(1).joined(separator: "\n")
        #expect(problem(Self.data + apart)?.contains("no layer joins the two towers") == true)
        let own = Self.towers + #"layer { name: "l2" type: "EuclideanLoss" bottom: "f" bottom: "f" top: "l2" }"#
        #expect(problem(Self.data + own)?.contains("layer l2 (EuclideanLoss) is a loss of one tower alone") == true)
    }
}
