import Nets
import TestSupport
import Testing
import Training

/// The nets of `deploy/examples` can be set up in both phases, and nothing in them is probably not meant.
struct ExampleNetsTests {
    @Test(arguments: ["kanji/train_val", "kanji/infonce"], [NetContext.Phase.train, .test])
    func setUp(name: String, phase: NetContext.Phase) throws {
        let path = Golden.directory.appending(path: "../../deploy/examples/\(name).prototxt").standardizedFileURL.path
        let definition = try PhaseNet.load(path, phase: phase)
        let net = try definition.netWithoutData(engine: .dnnl, rank: 1, worldSize: 2)
        #expect(net.outputs.map(\.name).contains("loss"))
        #expect(Lints.net(definition.net) == [])
    }
}
