import CaffeProto
import TestSupport
import Testing
import Training

struct EmbeddingLintsTests {
    private static func lints(_ prototxt: String) throws -> [String] {
        Lints.net(try Prototxt.read(NetParameter.self, text: prototxt, name: "test"))
    }

    /// Two towers, whose ends are written into `tail` with "%" for the tower's suffix, and a contrastive loss on `top`.
    private static func net(outputs: Int, top: String = "fc", _ tail: String = "") throws -> [String] {
        let towers = ["", "_p"].map { suffix in
            """
            layer { name: "fc\(suffix)" type: "InnerProduct" bottom: "x\(suffix)" top: "fc\(suffix)"
              inner_product_param { num_output: \(outputs) } }
            \(tail.replacing("%", with: suffix))

            """
        }
        return try lints(
            towers.joined()
                + #"layer { name: "loss" type: "ContrastiveLoss" bottom: "\#(top)" bottom: "\#(top)_p" bottom: "label" }"#
        )
    }

    /// The net of the question that started it all.
    @Test func theSeedsNet() throws {
        let net = try PhaseNet.load(Golden.path("seed.prototxt"), phase: .train).net
        #expect(
            Lints.net(net) == [
                "the embedding of fc7 and fc7_p has 2 outputs: fewer than 8 leave little room to tell images apart; "
                    + "64 to 256 is a good start",
                "ReLU on the embedding (relu7 and relu7_p) cuts off what is below 0, so units die, and when all have "
                    + "died every distance is 0 and nothing is learned; end the towers without it",
                "Dropout on the embedding (drop7 and drop7_p) leaves the distance of a pair to chance while training; "
                    + "end the towers without it",
                "data and data_p give pixels of 0 to 255 with neither scale nor mean: gradients become so large that "
                    + "only a tiny base_lr trains; add transform_param { scale: 0.00390625 }",
            ])
    }

    @Test(arguments: [(1, true), (7, true), (8, false), (64, false)])
    func outputs(count: Int, lints: Bool) throws {
        let found = try Self.net(outputs: count)
        #expect(found.count == (lints ? 1 : 0))
        if lints { #expect(found[0].hasPrefix("the embedding of fc and fc_p has \(count) output")) }
    }

    @Test func cleanEndsAreNotCriticised() throws {
        #expect(
            try Self.net(
                outputs: 16,
                #"layer { name: "drop%" type: "Dropout" bottom: "fc%" top: "fc%" dropout_param { dropout_ratio: 0 } }"#
            ) == [])
        #expect(
            try Self.net(
                outputs: 16,
                #"layer { name: "relu%" type: "ReLU" bottom: "fc%" top: "fc%" relu_param { negative_slope: 0.1 } }"#
            ) == [])
        #expect(
            try Self.net(
                outputs: 16, top: "norm", #"layer { name: "norm%" type: "Normalize" bottom: "fc%" top: "norm%" }"#)
                == [])
    }

    /// Layers with a top of their own, one over the other.
    @Test func looksThroughLayersThatAreNotInPlace() throws {
        let found = try Self.net(
            outputs: 4, top: "flat",
            """
            layer { name: "tanh%" type: "TanH" bottom: "fc%" top: "bent%" }
            layer { name: "flat%" type: "Flatten" bottom: "bent%" top: "flat%" }
            """)
        #expect(found.count == 2)
        #expect(found[0].hasPrefix("the embedding of fc and fc_p has 4 outputs"))
        #expect(found[1].hasPrefix("Sigmoid or TanH on the embedding (tanh and tanh_p) saturates"))
    }

    /// ReLUs between the layers of a tower are what they should be.
    @Test func innerLayersAreNotCriticised() throws {
        let found = try Self.net(
            outputs: 4, top: "last",
            """
            layer { name: "relu%" type: "ReLU" bottom: "fc%" top: "fc%" }
            layer { name: "last%" type: "InnerProduct" bottom: "fc%" top: "last%" inner_product_param { num_output: 9 } }
            """)
        #expect(found == [])
    }

    /// Where both towers end in one layer (shared by Slice or Concat) nothing is said twice.
    @Test func aLossWithoutTowers() throws {
        #expect(
            try Self.lints(
                """
                layer { name: "x" type: "Input" top: "a" top: "b" top: "l" }
                layer { name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "l" }
                """) == [])
        #expect(
            try Self.lints(#"layer { name: "fc" type: "InnerProduct" inner_product_param { num_output: 2 } }"#) == [])
    }

    private static func ended(_ layers: String, in loss: String) throws -> [String] {
        try lints(
            """
            layer { name: "fc" type: "InnerProduct" bottom: "x" top: "fc" inner_product_param { num_output: 16 } }
            layer { name: "fc_p" type: "InnerProduct" bottom: "y" top: "fc_p" inner_product_param { num_output: 16 } }
            \(layers)
            layer { name: "loss" type: "\(loss)" bottom: "e" bottom: "e_p" bottom: "label" }
            """)
    }

    private static func both(_ type: String) -> String {
        #"layer { name: "n" type: "\#(type)" bottom: "fc" top: "e" } "#
            + #"layer { name: "n_p" type: "\#(type)" bottom: "fc_p" top: "e_p" }"#
    }

    @Test func innerProductsWantUnitLengths() throws {
        #expect(try Self.ended(Self.both("L2Normalize"), in: "InfoNCELoss") == [])
        #expect(
            try Self.ended(Self.both("Scale"), in: "InfoNCELoss") == [
                "InfoNCELoss compares embeddings by their inner product, which its temperature expects to be at most 1, "
                    + "but fc and fc_p embeddings have any length; end the towers with L2Normalize"
            ])
        #expect(try Self.ended(Self.both("Scale"), in: "TripletLoss") == [])
    }

    /// An exponential loss has an upper bound of the distances.
    @Test func boundedEmbeddings() throws {
        #expect(try Self.ended(Self.both("TanH"), in: "ExponentialLoss") == [])
        #expect(try Self.ended(Self.both("ReLU"), in: "ExponentialLoss").count == 1)
        #expect(try Self.ended(Self.both("TanH"), in: "TripletLoss").count == 1)
    }
}
