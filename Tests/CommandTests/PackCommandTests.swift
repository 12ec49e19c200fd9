import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct PackCommandTests {
        private let scratch: ScratchDirectory

        init() throws { scratch = try ScratchDirectory("pack") }

        private func pack(
            _ name: String, side: Int = 64, lists: [String] = ["train1.txt", "train2.txt"]
        ) throws -> Command {
            try Tool.run(
                ["pack"] + lists + ["--output", scratch.file(name), "--height", "\(side)", "--width", "\(side)"],
                directory: Golden.directory.path)
        }

        @Test func packsAndChecks() throws {
            let packed = try pack("lmdb", side: 32)
            #expect(packed.status == 0, "\(packed.standardError)")
            #expect(packed.standardOutput == "\(scratch.file("lmdb")): 20 pairs are packed\n")
            let check = try Tool.run(["pack", "--check", scratch.file("lmdb")])
            #expect(
                check.standardOutput
                    == "\(scratch.file("lmdb")): 20 records of 6×32×32 (label 0: 9, label 1: 11); every checksum is right\n"
            )
            let nothing = try Tool.run(["pack", "--check", scratch.file("none")])
            #expect(nothing.status == 1)
            #expect(nothing.errors == ["the database \(scratch.file("none")): there is no such folder\n"])
        }

        /// From the database as from the lists: the same losses, digit for digit, on one rank and on two.
        @Test(arguments: [nil, 2])
        func trainsAsFromTheLists(ranks: Int?) throws {
            #expect(try pack("lmdb").status == 0)
            let solver = { (text: inout String) in
                text = text.replacing("max_iter: 20", with: "max_iter: 4\ndisplay: 1")
            }
            let lists = try GoldenRun("net_contrastive", editSolver: solver, editNet: GoldenRun.stir)
            let database = try GoldenRun(
                "net_contrastive", editSolver: solver,
                editNet: { net in
                    GoldenRun.stir(&net)
                    net = Self.readingDatabase(scratch.file("lmdb"), net)
                })
            let losses = try [lists, database].map { run in
                let command = try Tool.run(
                    ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix], ranks: ranks)
                #expect(command.status == 0, "\(command.standardError)")
                return try run.metrics().compactMap(\.loss)
            }
            #expect(losses[0].count == 4)
            #expect(losses[1] == losses[0])
        }

        /// Both towers read their half of the records: the same embeddings, figures and exported towers as from the lists.
        @Test func towersAreDeployedAsFromTheLists() throws {
            #expect(try pack("lmdb", lists: ["test1.txt", "test2.txt"]).status == 0)
            let text = try String(contentsOfFile: Golden.path("net_contrastive/train_val.prototxt"), encoding: .utf8)
            let net = try scratch.write("net.prototxt", Self.readingDatabase(scratch.file("lmdb"), text))
            func run(_ model: String, _ command: String, _ more: String...) throws -> String {
                let done = try Tool.run(
                    [
                        command, "--model", model, "--weights",
                        Golden.path("net_contrastive/snap_iter_20.caffemodel"),
                    ] + more, directory: Golden.directory.path)
                try #require(done.status == 0, "\(done.standardError)")
                return done.standardOutput
            }
            let golden = Golden.path("net_contrastive/train_val.prototxt")
            for tower in ["a", "b"] {
                _ = try run(net, "embed", "--tower", tower, "--output", scratch.file("packed.npy"))
                _ = try run(golden, "embed", "--tower", tower, "--output", scratch.file("lists.npy"))
                #expect(try scratch.data(of: "packed.npy") == scratch.data(of: "lists.npy"))
                _ = try run(net, "export", "--tower", tower, "--caffe", scratch.file("packed"))
                _ = try run(golden, "export", "--tower", tower, "--caffe", scratch.file("lists"))
                #expect(try scratch.data(of: "packed.caffemodel") == scratch.data(of: "lists.caffemodel"))
                #expect(
                    try scratch.text(of: "packed.prototxt").contains(
                        tower == "a" ? "\"data\": N x 3 x 64 x 64" : "\"data_p\": N x 3 x 64 x 64"))
            }
            let packed = try run(net, "evaluate", "--bootstrap", "0", "--output", scratch.file("packed"))
            let lists = try run(golden, "evaluate", "--bootstrap", "0", "--output", scratch.file("lists"))
            #expect(
                packed.split(separator: "\n").dropLast() == lists.split(separator: "\n").dropLast(),
                "all but the folder")
            let two = try Tool.run([
                "evaluate", "--model", net, "--weights", Golden.path("net_contrastive/snap_iter_20.caffemodel"),
                "--list1",
                "x", "--list2", "y", "--output", scratch.file("out"),
            ])
            #expect(two.status == 1 && two.standardError.contains("give one database of pairs, as --list1"))
        }

        /// A net of two ImageData layers, with a Data layer and a Slice in their place.
        private static func readingDatabase(_ path: String, _ net: String) -> String {
            let parts = net.components(separatedBy: "layers {")
            let data = """
                {
                  name: "pairs" type: DATA top: "pair" top: "label"
                  data_param { source: "\(path)" batch_size: 8 backend: LMDB shuffle: true }
                  transform_param { scale: 0.00390625 }
                }
                layers {
                  name: "slice" type: SLICE bottom: "pair" top: "data" top: "data_p"
                  slice_param { slice_dim: 1 slice_point: 3 }
                }

                """
            let rest = parts.dropFirst().filter { !$0.contains("IMAGE_DATA") }.map { "layers {" + $0 }
            return parts[0] + "layers " + data + rest.joined()
        }
    }
}
