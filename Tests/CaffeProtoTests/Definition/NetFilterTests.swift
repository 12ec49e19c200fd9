import CaffeProto
import SwiftProtobuf
import Testing

struct NetFilterTests {
    /// The names of the layers that stay.
    private func kept(_ layers: String, _ state: String) throws -> [String] {
        let net = try Prototxt.read(NetParameter.self, text: layers, name: "net")
        return try NetFilter.filter(net, Prototxt.read(text: state, name: "state")).net.layer.map(\.name)
    }

    private func isKept(_ rules: String, _ state: String) throws -> Bool {
        try kept("layer { name: \"a\" \(rules) }", state) == ["a"]
    }

    @Test func choosesByPhase() throws {
        let net = """
            layer { name: "train" include { phase: TRAIN } } layer { name: "both" }
            layer { name: "test" exclude: { phase: TRAIN } }
            """
        #expect(try kept(net, "phase: TRAIN") == ["train", "both"])
        #expect(try kept(net, "phase: TEST") == ["both", "test"])
        #expect(try kept(net, "") == ["both", "test"])  // a state's phase is TEST unless it says so
    }

    @Test(arguments: [
        ("include { min_level: 2 }", "level: 1", false), ("include { min_level: 2 }", "level: 2", true),
        ("include { max_level: 2 }", "level: 3", false), ("include { max_level: 2 }", "level: -3", true),
        ("include { stage: \"a\" }", "stage: \"b\"", false),
        ("include { stage: \"a\" }", "stage: [\"b\", \"a\"]", true),
        ("include { stage: [\"a\", \"b\"] }", "stage: \"a\"", false),
        ("include { not_stage: \"a\" }", "stage: \"a\"", false), ("include { not_stage: \"a\" }", "", true),
        ("include { stage: \"a\" not_stage: \"b\" }", "stage: [\"a\", \"b\"]", false),
        ("include { phase: TRAIN } include { stage: \"a\" }", "stage: \"a\"", true),  // one rule is enough
        ("include { phase: TRAIN stage: \"a\" }", "stage: \"a\"", false),  // of one rule all must hold
        ("include { }", "", true), ("exclude { }", "", false),
        ("exclude { phase: TRAIN } exclude { min_level: 1 }", "level: 1", false),
        ("exclude { phase: TRAIN min_level: 1 }", "level: 1", true),
    ])
    func followsRules(rules: String, state: String, stays: Bool) throws {
        #expect(try isKept(rules, state) == stays)
    }

    @Test func refusesBothKindsOfRules() throws {
        let error = #expect(throws: DefinitionError.self) {
            try isKept("include { phase: TRAIN } exclude { phase: TEST }", "phase: TRAIN")
        }
        #expect(error?.layer == 0)
        #expect(
            error?.description
                == #"layer "a": rules that contradict each other: expected either include or exclude rules, found both"#
        )
    }

    @Test func filtersTheSeedIntoTwoNets() throws {
        let net = try NetDefinition.read(file: GoldenFiles.path("seed.prototxt")).net
        let (train, kept) = try NetFilter.filter(net, .with { $0.phase = .train })
        #expect(train.layer.count == net.layer.count - 2)
        #expect(kept.prefix(3) == [0, 2, 4])
        #expect(train.layer[0].imageDataParam.source == "train1.txt")
        #expect(try NetFilter.filter(net, NetState()).net.layer[0].imageDataParam.source == "test1.txt")
    }

    @Test func laysStatesOverEachOther() {
        let net = NetState.with {
            $0.stage = ["n"]
            $0.level = 1
        }
        let solver = NetState.with {
            $0.stage = ["s"]
            $0.phase = .test
        }
        let state = NetFilter.state(.train, net: net, solver: solver)
        #expect(state.phase == .test && state.level == 1 && state.stage == ["n", "s"])
        #expect(NetFilter.state(.train, net: NetState(), solver: nil).phase == .train)
    }
}
