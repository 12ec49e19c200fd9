import CaffeProto
import Testing

struct SourceMapTests {
    private let document = try? Prototxt.document(
        NetParameter.self,
        text: """
            name: "n"
            layer { name: "a" bottom: "x" }
            layer {
              bottom: ["p", "q"] bottom: "r"
              pooling_param { pad: 1 }
            }
            """, name: "net.prototxt")

    private func place(_ path: SourceMap.Step...) -> String? { document?.sources.place(of: path).description }

    @Test func findsLayersAndFields() {
        #expect(place(.init("layer", 1)) == "net.prototxt:3:1")
        #expect(place(.init("layer"), .init("name")) == "net.prototxt:2:15")
        #expect(place(.init("layer", 1), .init("bottom", 1)) == "net.prototxt:4:17")
        #expect(place(.init("layer", 1), .init("bottom", 2)) == "net.prototxt:4:30")
        #expect(place(.init("layer", 1), .init("pooling_param"), .init("pad")) == "net.prototxt:5:24")
    }

    @Test func fallsBackToTheBlockThatShouldHoldTheField() {
        #expect(place(.init("layer", 1), .init("type")) == "net.prototxt:3:1")
        #expect(place(.init("layer", 1), .init("pooling_param"), .init("stride")) == "net.prototxt:5:3")
        #expect(place(.init("layer", 7)) == "net.prototxt:1:1")
    }
}
