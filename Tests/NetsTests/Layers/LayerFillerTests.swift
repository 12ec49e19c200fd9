import Nets
import Tensors
import TestSupport
import Testing

struct LayerFillerTests {
    private func net(_ filler: String) -> String {
        TestNet.input("x", [1, 3])
            + #"layer { name: "L" type: "InnerProduct" bottom: "x" top: "y" "#
            + "inner_product_param { num_output: 2 weight_filler { \(filler) } } }"
    }

    @Test(
        arguments: [
            ("", .constant(0)),
            (#"type: "constant" value: 2"#, .constant(2)),
            (#"type: "uniform" min: -1 max: 3"#, .uniform(min: -1, max: 3)),
            (#"type: "gaussian" mean: 1 std: 0.5"#, .gaussian(mean: 1, std: 0.5, sparse: nil)),
            (#"type: "gaussian" sparse: 4"#, .gaussian(mean: 0, std: 1, sparse: 4)),
            (#"type: "xavier""#, .xavier(.fanIn)),
            (#"type: "msra" variance_norm: FAN_OUT"#, .msra(.fanOut)),
            (#"type: "xavier" variance_norm: AVERAGE"#, .xavier(.average)),
        ] as [(String, Filler)])
    func readsCaffesFillers(text: String, filler: Filler) throws {
        #expect(try TestNet.make(net(text)).parameters.parameters[0].filler == filler)
    }

    @Test(
        arguments: [
            (
                #"type: "gausian""#,
                #"unknown type "gausian"; did you mean "gaussian"? "#
                    + "(known types: constant, uniform, gaussian, xavier, msra)"
            ),
            (
                #"type: "bilinear""#,
                #"type "bilinear" is a filler of Caffe that this program does not have "#
                    + "(known types: constant, uniform, gaussian, xavier, msra)"
            ),
        ])
    func refusesUnknownTypes(text: String, message: String) throws {
        #expect(try TestNet.fault(net(text)) == "layer L (InnerProduct): weight_filler: \(message)")
    }

    @Test(
        arguments: [
            (#"type: "uniform" min: 2 max: 1"#, "has min 2.0 above max 1.0"),
            (#"type: "gaussian" std: -1"#, "has std -1.0, which must not be negative"),
            (
                #"type: "gaussian" sparse: -2"#,
                "has sparse -2; give how many weights of an output are not zero, or -1 for all"
            ),
        ])
    func refusesSenselessValues(text: String, message: String) throws {
        #expect(try TestNet.fault(net(text)) == "layer L (InnerProduct): weight_filler \(message)")
    }
}
