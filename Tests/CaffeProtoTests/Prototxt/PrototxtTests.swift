import CaffeProto
import Foundation
import SwiftProtobuf
import Testing

struct PrototxtTests {
    private func net(_ text: String) throws -> NetParameter { try Prototxt.read(text: text, name: "net.prototxt") }

    @Test func readsEveryKindOfValue() throws {
        let layer = try net(
            """
            # a comment
            layer {
              name: 'conv' "olution"   # texts beside each other are one
                '\\t\\x41\\101\\u00e9\\\\\\''
              loss_weight: [1, 2f, 1e-3, .5, 1., 0x10, -1.5e+3F]
              loss_weight: inf loss_weight: -Infinity
              propagate_down: [true, t, True, 1, false, f, False, 0]
              include: { phase: TRAIN } include < phase: 1 >; include { },
              convolution_param: { pad: 0x1F, pad: 010; pad: 4294967295 engine: CAFFE axis: -1 }
              blobs { shape { dim: [9223372036854775807, -9223372036854775808] } double_data: -0.1 num: -2147483648 }
              bottom: []
            }
            """
        ).layer[0]
        #expect(layer.name == "convolution\tAAé\\'")
        #expect(layer.lossWeight == [1, 2, 1e-3, 0.5, 1, 16, -1500, .infinity, -.infinity])
        #expect(layer.propagateDown == [true, true, true, true, false, false, false, false])
        #expect(layer.include.map(\.hasPhase) == [true, true, false])
        #expect(layer.include.map(\.phase) == [.train, .test, .train])
        #expect(layer.convolutionParam.pad == [31, 8, .max])
        #expect(layer.convolutionParam.engine == .caffe)
        #expect(layer.convolutionParam.axis == -1)
        #expect(layer.blobs[0].shape.dim == [.max, .min])
        #expect(layer.blobs[0].doubleData == [-0.1])
        #expect(layer.blobs[0].num == .min)
        #expect(layer.bottom.isEmpty)
    }

    @Test func readsNotANumber() throws {
        #expect(try net("layer { loss_weight: nan }").layer[0].lossWeight[0].isNaN)
    }

    @Test func takesIntelsEnginesForOurs() throws {
        let layer = try net(
            "layer { convolution_param { engine: MKLDNN } relu_param { engine: MKL2017 } lrn_param { engine: DNNL } }"
        ).layer[0]
        #expect(layer.convolutionParam.engine == .dnnl)
        #expect(layer.reluParam.engine == .dnnl)
        #expect(layer.lrnParam.engine == .dnnl)
    }

    @Test func readsFilesOfOtherSystems() throws {
        #expect(try net("\u{feff}name: \"x\"\r\nlayer {\r\n\tname: \"y\"\r\n}\r\n").layer[0].name == "y")
        #expect(try net("") == NetParameter())
        #expect(try net("# nothing but a comment") == NetParameter())
        // A comment in another encoding (here GBK) is none of our business.
        let text = Array("name: \"x\" # ".utf8) + [0xd6, 0xd0, 0xce, 0xc4, 10] + Array("layer { }".utf8)
        #expect(try withFile(text) { try Prototxt.read(NetParameter.self, file: $0) }.layer.count == 1)
    }

    @Test func keepsWhatWasNotGivenApartFromDefaults() throws {
        let layer = try net("layer { dropout_param { dropout_ratio: 0.5 } relu_param { } }").layer[0]
        #expect(layer.dropoutParam.hasDropoutRatio)
        #expect(layer.hasReluParam && !layer.reluParam.hasNegativeSlope)
    }

    @Test(arguments: GoldenFiles.all(endingWith: "prototxt"))
    func readsAndWritesGoldenFiles(name: String) throws {
        func roundTrip<Content: Message & Equatable>(_ type: Content.Type) throws {
            let message = try Prototxt.read(type, file: GoldenFiles.path(name))
            #expect(try Prototxt.read(type, text: Prototxt.write(message), name: name) == message)
        }
        if name.hasSuffix("solver.prototxt") {
            try roundTrip(SolverParameter.self)
        } else {
            try roundTrip(NetParameter.self)
        }
    }

    @Test func writesAsCaffeDoes() throws {
        let path = GoldenFiles.path("seed_upgraded_by_caffe.prototxt")
        let written = Prototxt.write(try Prototxt.read(NetParameter.self, file: path))
        #expect(written == (try String(contentsOfFile: path, encoding: .utf8)))
    }

    @Test func writesEveryKindOfValue() throws {
        let text = """
            name: "a\\"b\\\\c\\n\\001é'"
            layer {
              loss_weight: 0.1
              loss_weight: -1e-20
              loss_weight: inf
              blobs {
                num: -1
                data: 1
                data: 16777216
                shape {
                  dim: 3
                  dim: -4
                }
                double_data: 0.1
              }
              propagate_down: true
              propagate_down: false
              convolution_param {
                pad: 4294967295
                engine: DNNL
              }
            }

            """
        #expect(Prototxt.write(try net(text)) == text)
        let datum = Datum.with { $0.data = Data([0, 255, 65]) }
        #expect(Prototxt.write(datum) == "data: \"\\000\\377A\"\n")
        #expect(try Prototxt.read(text: Prototxt.write(datum), name: "datum") == datum)
    }

    @Test func refusesWhatIsNoText() throws {
        let path = GoldenFiles.path("net_contrastive/snap_iter_10.caffemodel")
        #expect {
            try Prototxt.read(NetParameter.self, file: path)
        } throws: {
            "\($0)" == "\(path): expected a prototxt, found a caffemodel"
        }
        #expect {
            try Prototxt.read(NetParameter.self, file: "/nowhere/net.prototxt")
        } throws: {
            "\($0)" == "/nowhere/net.prototxt: cannot be opened: No such file or directory (read as a prototxt)"
        }
    }
}
