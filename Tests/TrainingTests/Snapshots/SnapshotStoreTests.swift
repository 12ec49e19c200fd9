import CaffeProto
import Foundation
import Nets
import SwiftProtobuf
import Tensors
import TestSupport
import Testing
import Training

struct SnapshotStoreTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("snapshots") }

    private func store() -> SnapshotStore { SnapshotStore(prefix: scratch.file("snap")) }

    private func write(_ iteration: Int, _ training: (net: Net, solver: Solver)) throws {
        try store().write(
            SnapshotCopy(of: training.net, training.solver, state: SnapshotState(iteration: iteration)))
    }

    private static func numbers(_ training: (net: Net, solver: Solver)) -> [[Float]] {
        let store = training.net.parameters
        return zip(store.parameters, store.offsets).flatMap { parameter, offset in
            [parameter.blob.dataArray, training.solver.history[0].array(offset..<offset + parameter.shape.count)]
        }
    }

    @Test
    func weightsAndHistoryComeBack() throws {
        let written = try TestTraining.make()
        try write(7, written)
        #expect(try scratch.names == ["snap_iter_7.caffemodel", "snap_iter_7.solverstate"])
        let read = try TestTraining.make()
        for parameter in read.net.parameters.parameters {
            parameter.blob.fillData(.constant(0), random: Random(seed: 1, purpose: ""))
        }
        read.solver.history[0].fill(0)
        try SnapshotStore.restore(scratch.file("snap_iter_7.solverstate"), into: read.solver, net: read.net)
        #expect(Self.numbers(read) == Self.numbers(written))
        let state = try SnapshotStore.readState(scratch.file("snap_iter_7.solverstate"))
        #expect(state.iteration == 7)
        #expect(state.learnedNet == scratch.file("snap_iter_7.caffemodel"))
    }

    /// Written a second time, the files are the same bytes.
    @Test
    func theSameTrainingGivesTheSameFiles() throws {
        let training = try TestTraining.make()
        try write(7, training)
        let first = try scratch.names.map { try scratch.data(of: $0) }
        try write(7, training)
        #expect(try scratch.names.map { try scratch.data(of: $0) } == first)
    }

    @Test
    func theNewestIsTheHighestIteration() throws {
        #expect(try store().newestWhole() == nil)
        let training = try TestTraining.make()
        for iteration in [9, 100, 20] { try write(iteration, training) }
        try scratch.write("snap_iter_x.solverstate", "no number")
        try scratch.write("other_iter_500.solverstate", "another prefix")
        #expect(try store().newestWhole() == scratch.file("snap_iter_100.solverstate"))
    }

    /// A crash of the disk, or a copy cut short, may have left anything.
    @Test(arguments: ["solverstate", "caffemodel"])
    func truncatedFilesArePassedOver(file: String) throws {
        let training = try TestTraining.make()
        try write(1, training)
        try write(2, training)
        let whole = try scratch.data(of: "snap_iter_2.\(file)")
        for length in [0, 1, whole.count / 2, whole.count - 1] {
            try scratch.write("snap_iter_2.\(file)", whole.prefix(length))
            #expect(try store().newestWhole() == scratch.file("snap_iter_1.solverstate"), "\(length) bytes")
        }
        try scratch.write("snap_iter_2.\(file)", whole)
        #expect(try store().newestWhole() == scratch.file("snap_iter_2.solverstate"))
    }

    @Test
    func aStateWithoutItsWeightsIsPassedOver() throws {
        try write(1, try TestTraining.make())
        try FileManager.default.removeItem(atPath: scratch.file("snap_iter_1.caffemodel"))
        #expect(try store().newestWhole() == nil)
        let training = try TestTraining.make()
        let error = try #require(throws: SolverError.self) {
            try SnapshotStore.restore(scratch.file("snap_iter_1.solverstate"), into: training.solver, net: training.net)
        }
        #expect(error.description.contains("snap_iter_1.caffemodel, which are neither there nor beside it"))
    }

    /// The state says where its weights were written; after a move they are beside it.
    @Test
    func theFolderMayMove() throws {
        let written = try TestTraining.make()
        try write(3, written)
        let names = try scratch.names
        for name in names {
            try scratch.write("moved/\(name)", try scratch.data(of: name))
            try FileManager.default.removeItem(atPath: scratch.file(name))
        }
        let moved = SnapshotStore(prefix: scratch.file("moved/snap"))
        #expect(try moved.newestWhole() == scratch.file("moved/snap_iter_3.solverstate"))
        let read = try TestTraining.make()
        read.solver.history[0].fill(0)
        try SnapshotStore.restore(scratch.file("moved/snap_iter_3.solverstate"), into: read.solver, net: read.net)
        #expect(Self.numbers(read) == Self.numbers(written))
    }

    @Test(arguments: [
        ("num_output: 4", "num_output: 5", "history blob 0 has shape 4×3 and 12 values, but ip[0] of this net has 5×3"),
        ("num_output: 4", "num_output: 4 bias_term: false", "it holds 2 history blobs, this training has 1"),
        (#"name: "ip""#, #"name: "pi""#, "it has no weights for pi"),
    ])
    func anotherNetIsRefused(old: String, new: String, message: String) throws {
        try write(1, try TestTraining.make())
        let other = try TestTraining.make(TestTraining.net().replacing(old, with: new))
        let error = try #require(throws: SolverError.self) {
            try SnapshotStore.restore(scratch.file("snap_iter_1.solverstate"), into: other.solver, net: other.net)
        }
        #expect(error.description.contains("is a snapshot of another net"))
        #expect(error.description.contains(message))
    }

    /// Files of Caffe's first years give shapes by num, channels, height and width.
    @Test(arguments: ["caffemodel", "solverstate"])
    func shapesOfFourAxesAreRead(file: String) throws {
        let written = try TestTraining.make()
        try write(7, written)
        let path = scratch.file("snap_iter_7.\(file)")
        let old = try Data(contentsOf: URL(filePath: path))
        func age(_ blob: inout BlobProto) {
            let dims = [1, 1, 1] + blob.shape.dim
            blob.clearShape()
            (blob.num, blob.channels) = (Int32(dims[dims.count - 4]), Int32(dims[dims.count - 3]))
            (blob.height, blob.width) = (Int32(dims[dims.count - 2]), Int32(dims[dims.count - 1]))
        }
        let aged: Data
        if file == "caffemodel" {
            var model = try NetParameter(serializedBytes: old)
            for layer in model.layer.indices {
                for blob in model.layer[layer].blobs.indices { age(&model.layer[layer].blobs[blob]) }
            }
            aged = try model.serializedBytes()
        } else {
            var state = try SolverState(serializedBytes: old)
            for blob in state.history.indices { age(&state.history[blob]) }
            aged = try state.serializedBytes()
        }
        #expect(aged != old)
        try aged.write(to: URL(filePath: path))
        let read = try TestTraining.make()
        read.solver.history[0].fill(0)
        try SnapshotStore.restore(scratch.file("snap_iter_7.solverstate"), into: read.solver, net: read.net)
        #expect(Self.numbers(read) == Self.numbers(written))
    }

    // MARK: Seals

    /// Any byte of either file, and any length that is too short.
    @Test(arguments: ["solverstate", "caffemodel"])
    func everyDamageIsFound(file: String) throws {
        try write(1, try TestTraining.make())
        let state = scratch.file("snap_iter_1.solverstate")
        #expect(SnapshotStore.damage(of: state) == nil)
        let (name, whole) = ("snap_iter_1.\(file)", try scratch.data(of: "snap_iter_1.\(file)"))
        for index in whole.indices {
            var flipped = whole
            flipped[index] ^= 1 << UInt8(index % 8)
            try scratch.write(name, flipped)
            #expect(SnapshotStore.damage(of: state)?.contains("snap_iter_1") == true, "byte \(index)")
            try scratch.write(name, whole.prefix(index))
            #expect(SnapshotStore.damage(of: state)?.contains("snap_iter_1") == true, "\(index) bytes")
        }
        try scratch.write(name, whole + [0])
        #expect(SnapshotStore.damage(of: state) != nil, "a byte too many")
    }

    @Test
    func weightsOfAnotherSnapshotAreFound() throws {
        try write(1, try TestTraining.make())
        let other = try TestTraining.make()
        other.solver.history[0].fill(0)
        other.net.parameters.values.fill(1)
        try write(2, other)
        try scratch.write("snap_iter_1.caffemodel", try scratch.data(of: "snap_iter_2.caffemodel"))
        let damage = SnapshotStore.damage(of: scratch.file("snap_iter_1.solverstate"))
        #expect(damage?.contains("snap_iter_1.caffemodel is damaged or of another snapshot") == true)
    }

    /// Caffe takes both files as messages, and finds in them what it knows.
    @Test
    func sealedFilesArePlainMessages() throws {
        let training = try TestTraining.make()
        try write(7, training)
        let state = try SolverState(serializedBytes: try scratch.data(of: "snap_iter_7.solverstate"))
        #expect(state.iter == 7)
        #expect(
            state.history.map(\.data)
                == training.net.parameters.parameters.indices.map {
                    training.solver.history[0].array(training.net.parameters.range(of: $0))
                })
        #expect(state.twoTower.hasSeal)
        let model = try NetParameter(serializedBytes: try scratch.data(of: "snap_iter_7.caffemodel"))
        #expect(model.layer.flatMap(\.blobs).map(\.data) == training.net.parameters.parameters.map(\.blob.dataArray))
        let seal = try #require(try SnapshotSeal.read(atEndOf: scratch.file("snap_iter_7.solverstate")))
        #expect(seal.model.size == UInt64(try scratch.data(of: "snap_iter_7.caffemodel").count))
        #expect(Data(seal.field.suffix(32)) == state.twoTower.seal)
    }

    @Test
    func caffesOwnAreWhole() throws {
        for file in ["caffemodel", "solverstate"] {
            let content = try Data(contentsOf: URL(filePath: Golden.path("net_contrastive/snap_iter_10.\(file)")))
            try scratch.write("snap_iter_10.\(file)", content)
        }
        #expect(try store().newestWhole() == scratch.file("snap_iter_10.solverstate"))
        try write(11, try TestTraining.make())
        try store().removeAll(before: 11, butNewest: 1)
        #expect(scratch.has("snap_iter_10.solverstate"), "not ours to remove")
    }

    @Test
    func whatIsPassedOverIsTold() throws {
        try write(1, try TestTraining.make())
        try write(2, try TestTraining.make())
        try scratch.write("snap_iter_2.caffemodel", try scratch.data(of: "snap_iter_2.caffemodel").dropLast())
        var told: [String] = []
        #expect(try store().newestWhole { told.append($0) } == scratch.file("snap_iter_1.solverstate"))
        #expect(told.count == 1)
        #expect(told.first?.contains("snap_iter_2.caffemodel has ") == true)
        #expect(told.first?.contains("it is cut short") == true)
    }

    // MARK: Removing

    @Test(arguments: [(1, [5, 9]), (2, [4, 5, 9]), (3, [3, 4, 5, 9]), (7, [1, 2, 3, 4, 5, 9])])
    func theNewestStay(count: Int, left: [Int]) throws {
        let training = try TestTraining.make()
        for iteration in [1, 2, 3, 4, 5, 9] { try write(iteration, training) }
        try store().removeAll(before: 5, butNewest: count)
        #expect(try store().iterations() == left)
        #expect(try scratch.names.count == 2 * left.count)
    }

    @Test
    func onlyOurLeftoversAreRemoved() throws {
        let stay = ["snap_iter_2.solverstate", "other_iter_1.caffemodel.tmp-1", "snap_iter_1.tmp-x", "snap.tmp-1"]
        let go = ["snap_iter_1.caffemodel.tmp-1", "snap_iter_22.solverstate.tmp-77", "snap.write-probe.tmp-5"]
        for name in stay + go { try scratch.write(name, "") }
        try store().removeLeftovers()
        #expect(try scratch.names == stay.sorted())
    }
}
