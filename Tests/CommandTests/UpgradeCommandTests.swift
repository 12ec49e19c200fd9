import CaffeProto
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

extension CommandTests {
    struct UpgradeCommandTests {
        private let folder: ScratchDirectory

        init() throws { folder = try ScratchDirectory("upgrade") }

        /// The seed's net comes out as Caffe's own tool writes it.
        @Test func writesWhatCaffesToolWrites() throws {
            let command = try Tool.run(["upgrade", Golden.path("seed.prototxt"), folder.file("new.prototxt")])
            #expect(command.status == 0, "\(command.standardError)")
            #expect(
                command.standardOutput == """
                    \(Golden.path("seed.prototxt")): 47 old layers { } read as layer { }
                    \(folder.file("new.prototxt")) written

                    """)
            #expect(
                try Prototxt.read(NetParameter.self, file: folder.file("new.prototxt"))
                    == Prototxt.read(NetParameter.self, file: Golden.path("seed_upgraded_by_caffe.prototxt")))
            let again = try Tool.run(["upgrade", folder.file("new.prototxt"), folder.file("new.prototxt")])
            #expect(again.status == 0)
            #expect(again.standardOutput == "\(folder.file("new.prototxt")) is in today's form\n")
        }

        @Test func faultsAreOneSentence() throws {
            let bad = try folder.write("bad.prototxt", "layer { nme: \"x\" }")
            let command = try Tool.run(["upgrade", bad, folder.file("new.prototxt")])
            #expect(command.status == 1)
            #expect(command.errors.count == 1)
            #expect(command.errors.first?.contains("bad.prototxt:1:9: unknown field in layer") == true)
            #expect(try folder.names == ["bad.prototxt"])
        }

        /// A net of 2013 has the shapes that it should have.
        @Test func theFirstFormatRuns() throws {
            let net = try folder.write(
                "v0.prototxt",
                """
                name: "first" input: "data" input_dim: [2, 3, 8, 8]
                layers { layer { name: "pad1" type: "padding" pad: 1 } bottom: "data" top: "pad1" }
                layers {
                  layer { name: "conv1" type: "conv" num_output: 4 kernelsize: 3 weight_filler { type: "xavier" }
                    blobs_lr: 1 blobs_lr: 2 }
                  bottom: "pad1" top: "conv1"
                }
                layers { layer { name: "relu1" type: "relu" } bottom: "conv1" top: "conv1" }
                layers { layer { name: "pool1" type: "pool" pool: MAX kernelsize: 2 stride: 2 } bottom: "conv1" top: "pool1" }
                layers { layer { name: "fc" type: "innerproduct" num_output: 5 } bottom: "pool1" top: "fc" }
                """)
            let summary = try Tool.run(["summary", "--model", net])
            #expect(summary.status == 0, "\(summary.standardError)")
            for shape in ["2×4×8×8", "2×4×4×4", "2×5"] { #expect(summary.standardOutput.contains(shape)) }
            #expect(!summary.standardOutput.contains("pad1"))
        }
    }

    struct MapTests {
        /// A caffemodel of the first tower alone.
        private static func tower(_ run: GoldenRun, _ edit: (inout LayerParameter) -> Void = { _ in }) throws -> String
        {
            let reader = try CaffeModelReader(Golden.path("net_contrastive/init.caffemodel"))
            var model = NetParameter()
            for number in 0..<reader.layerCount {
                var layer = try reader.layer(number)
                guard !layer.name.hasSuffix("_p") else { continue }
                edit(&layer)
                model.layer.append(layer)
            }
            return try run.folder.write("tower.caffemodel", try model.serializedBytes() as Data)
        }

        private static func train(_ run: GoldenRun, _ weights: String, _ arguments: [String]) throws -> Command {
            try Tool.run(
                [
                    "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--max-iter", "1", "--weights",
                    weights,
                ]
                    + arguments)
        }

        @Test func bothTowersStartFromOneModel() throws {
            let run = try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("base_lr: 0.01", with: "base_lr: 0")
                        .replacing("snapshot_after_train: false", with: "snapshot_after_train: true")
                })
            let tower = try Self.tower(run)
            let command = try Self.train(run, tower, ["--map", "_p="])
            #expect(command.status == 0, "\(command.standardError)")
            #expect(
                command.standardError.contains(
                    "\(tower): 7 layers loaded; conv1_p takes those of conv1, conv2_p takes those of conv2, "))
            let reader = try CaffeModelReader(run.prefix + "_iter_1.caffemodel")
            let layers = try (0..<reader.layerCount).map { try reader.layer($0) }.filter { !$0.blobs.isEmpty }
            let blobs = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0.blobs.map(\.floats)) })
            #expect(blobs.count == 14)
            for name in blobs.keys where !name.hasSuffix("_p") { #expect(blobs[name] == blobs[name + "_p"], "\(name)") }
            let test = try Tool.run(
                ["test", "--model", run.net("net_contrastive"), "--weights", tower, "--map", "_p="])
            #expect(test.status == 0, "\(test.standardError)")
            #expect(test.standardError.contains("fc7_p takes those of fc7"))
        }

        @Test func otherShapesAreRefused() throws {
            let run = try GoldenRun("net_contrastive")
            let tower = try Self.tower(run) { layer in
                if layer.name == "fc6" { layer.blobs[1].shape.dim = [1, 8, 8] }
            }
            let command = try Self.train(run, tower, ["--map", "_p="])
            #expect(command.status == 1)
            #expect(command.errors.count == 1)
            #expect(command.errors.first?.contains("weights 1 have shape 64, but in \(tower) 1×8×8") == true)
        }

        @Test func aMapThatFindsNothingIsRefused() throws {
            let run = try GoldenRun("net_contrastive")
            let command = try Self.train(run, Golden.path("net_contrastive/init.caffemodel"), ["--map", "_q="])
            #expect(command.status == 1)
            #expect(command.errors.first?.contains("--map _q= finds nothing to do") == true)
            let alone = try Tool.run(["train", "--solver", run.solver, "--map", "_p="])
            #expect(alone.status == 1)
            #expect(alone.errors.first?.contains("give the file with --weights") == true)
        }
    }
}
