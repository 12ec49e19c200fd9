import CaffeProto
import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct ExportCommandTests {
        private static func export(_ net: String, _ arguments: [String]) throws -> Command {
            try Tool.run(
                [
                    "export", "--model", Golden.path("\(net)/train_val.prototxt"), "--weights",
                    Golden.path("\(net)/snap_iter_20.caffemodel"),
                ] + arguments, directory: Golden.directory.path)
        }

        @Test
        func caffesFilesHoldTheTower() throws {
            let folder = try ScratchDirectory("export")
            let command = try Self.export("net_contrastive", ["--tower", "b", "--caffe", folder.file("new/b")])
            try #require(command.status == 0, "\(command.standardError)")
            let text = try folder.text(of: "new/b.prototxt")
            #expect(
                text.hasPrefix(
                    """
                    # Exported by TwoTower from train_val.prototxt.
                    # Input "data_p": N x 3 x 64 x 64 float32, from pixels 0 to 255
                    #   channels in the order blue, green, red
                    #   resized bilinearly to height x width 64x64
                    #   times 0.00390625
                    name: "SmallSiamese"
                    layer {
                      name: "data_p"
                      type: "Input"
                      top: "data_p"
                      input_param {

                    """))
            let net = try NetDefinition.read(file: folder.file("new/b.prototxt")).net
            #expect(net.layer.allSatisfy { $0.name.hasSuffix("_p") })
            let reader = try CaffeModelReader(folder.file("new/b.caffemodel"))
            let stored = try (0..<reader.layerCount).map { try reader.layer($0) }
            #expect(stored.map(\.name) == net.layer.map(\.name))
            #expect(stored.count { !$0.blobs.isEmpty } == 7)
            let summary = try Tool.run(["summary", "--model", folder.file("new/b.prototxt"), "--phase", "TEST"])
            #expect(summary.status == 0, "\(summary.standardError)")
        }

        /// On two ranks rank zero alone writes.
        @Test
        func modelsAgreeWithEmbed() throws {
            let folder = try ScratchDirectory("export")
            for tower in ["a", "pair"] {
                let command = try Tool.run(
                    [
                        "export", "--model", Golden.path("net_shared/train_val.prototxt"), "--weights",
                        Golden.path("net_shared/snap_iter_20.caffemodel"), "--tower", tower, "--onnx",
                        folder.file("\(tower).onnx"),
                    ], ranks: tower == "a" ? 2 : nil, directory: Golden.directory.path)
                try #require(command.status == 0, "\(command.standardError)")
            }
            #expect(try folder.names.sorted() == ["a.onnx", "pair.onnx"])
        }

        @Test
        func saysWhatItNeeds() throws {
            let nothing = try Self.export("net_contrastive", ["--tower", "a"])
            #expect(nothing.status == 64)
            #expect(nothing.standardError.contains("give --caffe PREFIX or --onnx FILE, or both"))
            let folder = try ScratchDirectory("export")
            let blob = try Self.export(
                "net_contrastive", ["--tower", "a", "--blob", "conv9", "--onnx", folder.file("x.onnx")])
            #expect(blob.status == 1)
            #expect(blob.errors[0].hasPrefix("tower a has no blob \"conv9\""))
            #expect(try folder.names == [])
        }
    }
}
