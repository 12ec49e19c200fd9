import CaffeProto
import Foundation
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
        #expect { try definition("name: \"n\"\nlayers { }\nlayers { layer { name: \"x\" type: \"pol\" } }") } throws: {
            "\($0)".hasPrefix("net.prototxt:3:1: layer \"x\": unknown type of Caffe's first format")
        }
    }

    @Test func findsLayersOfANetInsideASolver() throws {
        let document = try Prototxt.document(
            SolverParameter.self, text: "base_lr: 1\nnet_param {\n  layer { name: \"x\" }\n}", name: "solver.prototxt")
        let net = try NetDefinition(
            document.message.netParam, sources: document.sources, inside: [.init("net_param")])
        #expect(net.place(ofLayer: 0, field: [.init("name")])?.description == "solver.prototxt:3:17")
    }

    /// The answer that the question got: its `layers` and `layer` with old types, put under the seed's net.
    @Test func readsTheMixOfTheQuestionsAnswer() throws {
        let seed = try String(contentsOfFile: GoldenFiles.path("seed.prototxt"), encoding: .utf8)
        let head = try String(contentsOfFile: GoldenFiles.path("head_softmax_mixed.prototxt"), encoding: .utf8)
        let loss = try #require(seed.firstRange(of: "layers {\nname: \"loss\""))
        let towers = seed[..<loss.lowerBound]
        let document = try Prototxt.document(NetParameter.self, text: "\(towers)...\n\(head)", name: "net.prototxt")
        let definition = try NetDefinition(document.message, sources: document.sources, notes: document.notes)
        let line = towers.count { $0 == "\n" } + 1
        #expect(
            definition.notes == [
                "\"...\" skipped in line \(line): what it stands for is not added",
                #"old layer types in layer { } read by their new names: INNER_PRODUCT as "InnerProduct", "#
                    + #"ACCURACY as "Accuracy", SOFTMAX_LOSS as "SoftmaxWithLoss""#,
                "47 old layers { } read as layer { }",
                "layers { } stand beside 3 layer { }, where Caffe stops: all are taken, in their order",
            ])
        let expected = try NetDefinition.read(file: GoldenFiles.path("seed_upgraded_by_caffe.prototxt")).net
        #expect(definition.net.layer.dropLast(4) == expected.layer.dropLast())
        let wanted = try Prototxt.read(
            NetParameter.self, file: GoldenFiles.path("head_softmax_v2.prototxt"))
        #expect(Array(definition.net.layer.suffix(4)) == wanted.layer)
        #expect(definition.place(ofLayer: 46)?.line == line + 1)
        #expect(definition.place(ofLayer: 47)?.line == line + 8)
    }

    @Test func layersOfBothAgesKeepTheOrderOfTheText() throws {
        let mixed = try definition(
            """
            layer { name: "a" }
            layers { name: "b" type: RELU }
            layer: [{ name: "c" }, { name: "d" }]
            layers { layer { name: "e" type: "relu" } }
            layer { name: "f" }
            """)
        #expect(mixed.net.layer.map(\.name) == ["a", "b", "c", "d", "e", "f"])
        #expect((0..<6).map { mixed.place(ofLayer: $0)?.line } == [1, 2, 3, 3, 4, 5])
    }
}
