import CaffeProto
import Foundation
import SwiftProtobuf
import Testing

struct UpgradedFileTests {
    /// What the upgrade of a file writes.
    private func upgrade(_ path: String) throws -> (bytes: Data, notes: [String]) {
        let file = try UpgradedFile(path)
        var bytes = Data()
        try file.write(by: { bytes.append($0) })
        return (bytes, file.notes)
    }

    /// Every net that the project knows, written anew, is the same net and needs no upgrade any more.
    @Test func netsReadBackAsTheyWere() throws {
        let nets = GoldenFiles.all(endingWith: ".prototxt").filter { !$0.hasSuffix("solver.prototxt") }
        #expect(nets.count > 80)
        for name in nets {
            let (bytes, _) = try upgrade(GoldenFiles.path(name))
            let before = try NetDefinition.read(file: GoldenFiles.path(name))
            let after = try withFile(bytes) { try NetDefinition.read(file: $0) }
            #expect(after.net == before.net, "\(name)")
            #expect(after.notes == [], "\(name)")
        }
    }

    @Test func solversReadBackAsTheyWere() throws {
        let solvers = GoldenFiles.all(endingWith: "solver.prototxt")
        #expect(solvers.count > 15)
        for name in solvers {
            let (bytes, notes) = try upgrade(GoldenFiles.path(name))
            let before = try Prototxt.read(SolverParameter.self, file: GoldenFiles.path(name))
            #expect(try withFile(bytes) { try Prototxt.read(SolverParameter.self, file: $0) } == before, "\(name)")
            #expect(notes == [])
        }
    }

    @Test func solversAreUpgradedWithTheNetsInThem() throws {
        let old = """
            base_lr: 1 solver_type: ADAM
            train_net_param { layer { name: "a" type: RELU } layers { name: "b" type: RELU } layer { name: "c" } }
            test_net_param { layers { layer { name: "d" type: "relu" } } }
            test_net_param { layers { name: "e" type: TANH } }
            """
        let (bytes, notes) = try withFile(Data(old.utf8)) { try upgrade($0) }
        let new = try Prototxt.read(SolverParameter.self, text: String(decoding: bytes, as: UTF8.self), name: "new")
        #expect(new.type == "Adam")
        #expect(!new.hasSolverType)
        #expect(new.trainNetParam.layer.map(\.name) == ["a", "b", "c"])
        #expect(new.trainNetParam.layer.map(\.type) == ["ReLU", "ReLU", ""])
        #expect(new.testNetParam.map { $0.layer.map(\.type) } == [["ReLU"], ["TanH"]])
        #expect(([new.trainNetParam] + new.testNetParam).allSatisfy { $0.layers.isEmpty })
        #expect(
            notes == [
                #"old layer types in layer { } read by their new names: RELU as "ReLU""#,
                #"solver_type is now type: "Adam""#, "train_net_param: 1 old layers { } read as layer { }",
                "train_net_param: layers { } stand beside 2 layer { }, where Caffe stops: all are taken, in their order",
                "test_net_param: 1 layers { layer { } } of Caffe's first format read as layer { }",
                "test_net_param: 1 old layers { } read as layer { }",
            ])
    }

    @Test func caffemodelsKeepTheirWeights() throws {
        let old = NetParameter.with {
            $0.name = "n"
            $0.layers = [
                .with {
                    $0.name = "ip"
                    $0.type = .innerProduct
                    $0.blobsLr = [1]
                    $0.blobs = [
                        .with {
                            ($0.num, $0.channels, $0.height, $0.width) = (1, 1, 1, 2)
                            $0.data = [3, 4]
                        }
                    ]
                }
            ]
        }
        let (bytes, notes) = try withFile(try old.serializedBytes() as [UInt8]) { try upgrade($0) }
        let new = try NetParameter(serializedBytes: bytes)
        #expect(new.name == "n")
        #expect(new.layers.isEmpty)
        #expect(new.layer.map(\.type) == ["InnerProduct"])
        #expect(new.layer[0].blobs == old.layers[0].blobs)
        #expect(new.layer[0].param.map(\.lrMult) == [1])
        #expect(notes == ["1 old layers { } read as layer { }"])
        #expect(try withFile(bytes) { try upgrade($0).bytes } == bytes)
    }

    @Test func otherFilesAreRefused() throws {
        let state = GoldenFiles.path("net_contrastive/snap_iter_10.solverstate")
        #expect { try upgrade(state) } throws: { "\($0)".hasSuffix("expected a prototxt, found a solverstate") }
        #expect { try withFile([]) { try upgrade($0) } } throws: { "\($0)".hasSuffix("found an empty file") }
    }
}
