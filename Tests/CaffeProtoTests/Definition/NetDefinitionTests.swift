import CaffeProto
import SwiftProtobuf
import Testing

struct NetDefinitionTests {
    private let text = """
        input: "data" input_dim: [1, 3, 8, 8]
        layers { name: "a" type: RELU include { phase: TRAIN } bottom: "data" }
        layers {
          name: "b" type: RELU
          bottom: "data" bottom: "dta"
        }
        """

    private func definition(_ text: String) throws -> NetDefinition {
        let document = try Prototxt.document(NetParameter.self, text: text, name: "net.prototxt")
        return try NetDefinition(document.message, sources: document.sources)
    }

    @Test func knowsPlacesAfterUpgradeAndFilter() throws {
        let net = try definition(text)
        #expect(net.net.layer.map(\.name) == ["input", "a", "b"])
        #expect(net.notes.count == 2)
        #expect(net.place(ofLayer: 0) == nil)
        #expect(net.place(ofLayer: 1)?.description == "net.prototxt:2:1")
        let test = try net.filtered(for: .with { $0.phase = .test })
        #expect(test.net.layer.map(\.name) == ["input", "b"])
        #expect(test.notes == net.notes)
        #expect(test.place(ofLayer: 1)?.description == "net.prototxt:3:1")
    }

    @Test func makesErrorsThatPointAtALayersField() throws {
        let error = try definition(text).mistake(
            inLayer: 2, field: [.init("bottom", 1)], "unknown bottom", expected: "a top of a layer before",
            found: "\"dta\"", hint: "did you mean data?")
        #expect(
            "\(error)" == """
                net.prototxt:5:26: layer "b": unknown bottom
                  bottom: "data" bottom: "dta"
                                         ^~~~~
                expected a top of a layer before, found "dta"; did you mean data?
                """)
    }

    @Test func makesErrorsWithoutAFileToo() throws {
        let net = try NetDefinition(.with { $0.layer = [.with { $0.name = "x" }] })
        #expect(net.place(ofLayer: 0) == nil)
        let error = net.mistake(inLayer: 0, "no type", expected: "a type", found: "none", hint: "see the list")
        #expect("\(error)" == #"layer "x": no type: expected a type, found none; see the list"#)
    }

    @Test func placesTheFaultsOfUpgradeAndFilter() throws {
        #expect {
            try definition("name: \"n\"\nlayer { name: \"x\" include { } exclude { } }").filtered(for: NetState())
        } throws: {
            "\($0)".hasPrefix("net.prototxt:2:1: layer \"x\": rules that contradict each other\nlayer {")
        }
        #expect { try definition("layer { } layers { }") } throws: {
            "\($0)".hasPrefix("net.prototxt:1:1: the net: two")
        }
    }

    @Test func findsLayersOfANetInsideASolver() throws {
        let document = try Prototxt.document(
            SolverParameter.self, text: "base_lr: 1\nnet_param {\n  layer { name: \"x\" }\n}", name: "solver.prototxt")
        let net = try NetDefinition(
            document.message.netParam, sources: document.sources, inside: [.init("net_param")])
        #expect(net.place(ofLayer: 0, field: [.init("name")])?.description == "solver.prototxt:3:17")
    }
}
