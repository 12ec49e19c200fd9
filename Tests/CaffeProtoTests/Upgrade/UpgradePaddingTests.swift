import CaffeProto
import Testing

struct UpgradePaddingTests {
    private func definition(_ text: String) throws -> NetDefinition {
        let document = try Prototxt.document(NetParameter.self, text: text, name: "net.prototxt")
        return try NetDefinition(document.message, sources: document.sources)
    }

    /// As in Caffe's own ImageNet net of 2013: the padding layer goes, its readers get its pad and its bottom.
    @Test func paddingBecomesAField() throws {
        let definition = try definition(
            """
            input: "data" input_dim: [1, 3, 8, 8]
            layers { layer { name: "pad1" type: "padding" pad: 2 } bottom: "data" top: "pad1" }
            layers { layer { name: "conv1" type: "conv" num_output: 4 kernelsize: 5 } bottom: "pad1" top: "conv1" }
            layers { layer { name: "pool1" type: "pool" kernelsize: 5 } bottom: "pad1" top: "pool1" }
            layers { layer { name: "relu1" type: "relu" } bottom: "conv1" top: "conv1" }
            """)
        let layers = definition.net.layer
        #expect(layers.map(\.name) == ["input", "conv1", "pool1", "relu1"])
        #expect(layers.map(\.bottom) == [[], ["data"], ["data"], ["conv1"]])
        #expect(layers[1].convolutionParam.pad == [2])
        #expect(layers[2].poolingParam.pad == 2)
        #expect(definition.notes.contains("padding layers became the pad of the layers after them: pad1"))
        #expect(definition.place(ofLayer: 1)?.line == 3)
        #expect(definition.place(ofLayer: 3)?.line == 5)
    }

    /// A blob that another layer writes after the padding layer is not padded any more.
    @Test func theLastWriterCounts() throws {
        let net = try definition(
            """
            layers { layer { name: "p" type: "padding" pad: 2 } bottom: "data" top: "x" }
            layers { layer { name: "r" type: "relu" } bottom: "data" top: "x" }
            layers { layer { name: "c" type: "conv" } bottom: "x" top: "y" }
            """
        ).net
        #expect(net.layer.map(\.bottom) == [["data"], ["x"]])
        #expect(net.layer[1].convolutionParam.pad == [])
    }

    @Test(arguments: ["relu", "innerproduct", "padding"])
    func whatKnowsNoPadIsRefused(type: String) throws {
        #expect {
            try definition(
                """
                layers { layer { name: "p" type: "padding" pad: 2 } bottom: "data" top: "x" }
                layers { layer { name: "r" type: "\(type)" } bottom: "x" top: "y" }
                """)
        } throws: { error in
            "\(error)".hasPrefix(#"net.prototxt:2:1: layer "r": reads a padded blob"#)
        }
    }
}
