import Nets
import TestSupport
import Testing

struct InputLayerTests {
    private func net(_ tops: String, _ shapes: String) -> String {
        #"layer { name: "in" type: "Input" \#(tops) input_param { \#(shapes) } }"#
    }

    @Test func oneShapeServesAllTops() throws {
        let net = try TestNet.make(net(#"top: "a" top: "b""#, "shape { dim: 2 dim: 3 }"))
        #expect(net.known("a").shape == [2, 3])
        #expect(net.known("b").shape == [2, 3])
    }

    @Test func eachTopMayHaveItsShape() throws {
        let net = try TestNet.make(net(#"top: "a" top: "b""#, "shape { dim: 2 dim: 3 } shape { dim: 4 }"))
        #expect(net.known("a").shape == [2, 3])
        #expect(net.known("b").shape == [4])
    }

    @Test func refusesAnotherNumberOfShapes() throws {
        let expected =
            "layer in (Input): has 0 shapes for 2 tops; input_param { shape { dim: … } } must give one for all "
        #expect(try TestNet.fault(net(#"top: "a" top: "b""#, "")) == expected + "or one a top")
    }

    @Test func refusesAnEmptyAxis() throws {
        #expect(
            try TestNet.fault(net(#"top: "a""#, "shape { dim: 2 dim: 0 }"))
                == "layer in (Input): input_param: lengths of a shape must be 1 or more, found [2, 0]")
    }
}
