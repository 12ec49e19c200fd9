import CaffeProto
import Testing
import Training

struct DataLintsTests {
    /// What is said of an ImageData layer with this in it, followed by a convolution or by `reader`.
    private static func pixels(_ transform: String, reader: String = "Convolution") throws -> [String] {
        let text = """
            layer { name: "data" type: "ImageData" top: "pixels" top: "label" \(transform) }
            layer { name: "first" type: "\(reader)" bottom: "pixels" top: "first" }
            """
        return Lints.net(try Prototxt.read(NetParameter.self, text: text, name: "test"))
    }

    @Test func rawPixels() throws {
        let lint = try #require(try Self.pixels("").first)
        #expect(lint.hasPrefix("data gives pixels of 0 to 255 with neither scale nor mean: "))
        #expect(try Self.pixels("transform_param { mirror: true }") == [lint])
        for transform in ["scale: 0.01", "mean_value: 128", #"mean_file: "m""#] {
            #expect(try Self.pixels("transform_param { \(transform) }") == [], "\(transform)")
        }
        #expect(try Self.pixels("", reader: "Power") == [])
    }

    private static func labels(_ labels: [Float], contrastive: Bool = true, shuffled: Bool = true) -> [String] {
        Lints.labels(labels, isContrastive: contrastive, isShuffled: shuffled)
    }

    @Test func oneLabelOnly() {
        let found = Self.labels([1, 1, 1], shuffled: false)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("all 3 pairs have label 1: ") == true)
        // Of 0.5 a contrastive loss sees 0.
        #expect(Self.labels([0, 0.5]).first?.hasPrefix("all 2 pairs have label 0: ") == true)
        #expect(Self.labels([0, 0.5], contrastive: false) == [])
    }

    @Test func nineToOne() {
        let few = Array(repeating: Float(0), count: 9) + [1]
        #expect(Self.labels(few) == [])
        let found = Self.labels(few + [0])
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("label 0 has 10 pairs and label 1 1, more than 9 to 1: ") == true)
        // A classification may have rare classes.
        #expect(Self.labels(few + [0, 2], contrastive: false) == [])
    }

    @Test(arguments: [[0, 0, 1, 1], [1, 1, 0, 0], [2, 2, 0, 0, 1]] as [[Float]])
    func sortedWithoutShuffle(labels: [Float]) {
        let found = Self.labels(labels, contrastive: false, shuffled: false)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("the pairs are sorted by label and not shuffled") == true)
        #expect(Self.labels(labels, contrastive: false, shuffled: true) == [])
        #expect(Self.labels(labels + labels, contrastive: false, shuffled: false) == [])
    }

    @Test func strangersAmongMatchingPairs() throws {
        var loss = LayerParameter()
        (loss.name, loss.type) = ("loss", "InfoNCELoss")
        #expect(
            Lints.strangers([1, 0, 1], for: loss) == [
                "layer loss (InfoNCELoss) takes matching pairs only, but 1 of 3 pairs have label 0: it draws them together "
                    + "all the same, or refuses them where it reads the label; take them out of the lists"
            ])
        #expect(Lints.strangers([1, 1, 2], for: loss) == [])
        loss.infoNceLossParam.label = .identity
        #expect(Lints.strangers([1, 0, 1], for: loss) == [])
    }
}
