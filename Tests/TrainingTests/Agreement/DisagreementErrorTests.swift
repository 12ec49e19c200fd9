import Testing
import Training

struct DisagreementErrorTests {
    private static let hosts = ["a", "b", "c", "d"]

    private static func sentence(_ values: [String?], detail: String = "") -> String? {
        let facts = values.map { $0.map { [Fact("the solver", $0, detail: detail, advice: "Mend it.")] } ?? [] }
        return DisagreementError(facts, hosts: hosts)?.description
    }

    @Test func theSameEverywhere() {
        #expect(Self.sentence(["x", "x", "x"]) == nil)
        #expect(Self.sentence(["x"]) == nil)
        #expect(DisagreementError([], hosts: []) == nil)
    }

    @Test func theMajorityIsRight() {
        #expect(
            Self.sentence(["y", "x", "x", "x"]) == """
                ranks do not agree on the solver: rank 0 (a) has
                    y
                where 3 ranks have
                    x
                Mend it.
                """)
        #expect(
            Self.sentence(["x", "x", "z", "y"])?.contains("rank 2 (c) (and 1 more that have it otherwise) has") == true)
    }

    @Test func ofTwoRankZeroIsRight() {
        #expect(
            Self.sentence(["x", "y"], detail: "file") == """
                ranks do not agree on the solver: rank 1 (b) has
                    y  (file)
                where 1 rank has
                    x  (file)
                Mend it.
                """)
    }

    /// Of long texts the first line that differs, with the layer in which it stands.
    @Test func textsByTheirFirstDifference() {
        let texts = [20, 10].map {
            "layer {\n  name: \"ip1\"\n  type: \"InnerProduct\"\n    num_output: \($0)\n  }\n}\n"
        }
        let sentence = Self.sentence([texts[0], texts[1]])
        #expect(
            sentence?.contains(
                "    … name: \"ip1\" … num_output: 10\nwhere 1 rank has\n    … name: \"ip1\" … num_output: 20") == true)
        #expect(Self.sentence(["a\nb", "a"])?.contains("has\n    nothing more\nwhere 1 rank has\n    b") == true)
    }

    /// Towers on different ranks have different weights: those that have one are compared.
    @Test func onlyThoseThatHaveAFact() {
        #expect(Self.sentence(["x", nil, "x", nil]) == nil)
        #expect(
            Self.sentence([nil, "x", nil, "y"])?.contains("rank 3 (d) has\n    y\nwhere 1 rank has\n    x") == true)
    }

    @Test func theFirstFactThatDiffers() {
        let facts = [1, 2].map { rank in
            ["same", "first", "second"].map { Fact($0, $0 == "same" ? "x" : "\(rank)", advice: "") }
        }
        #expect(
            DisagreementError(facts, hosts: Self.hosts)?.description.hasPrefix("ranks do not agree on first:") == true)
    }
}
