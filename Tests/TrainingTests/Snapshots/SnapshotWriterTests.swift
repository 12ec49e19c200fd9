import Foundation
import TestSupport
import Testing
import Training

struct SnapshotWriterTests {
    private static func copy(_ iteration: Int, count: Int = 1000) throws -> SnapshotCopy {
        let (net, solver) = try TestTraining.make(TestTraining.net(outputs: count))
        return SnapshotCopy(of: net, solver, state: SnapshotState(iteration: iteration))
    }

    @Test
    func writesBehindItsCallersBack() throws {
        let scratch = try ScratchDirectory("writer")
        let store = SnapshotStore(prefix: scratch.file("snap"))
        let log = RecordingLog()
        let writer = SnapshotWriter(store, keep: 2, log: log.log)
        for iteration in 1...4 {
            let copy = try Self.copy(iteration)
            writer.begin { copy }
        }
        try writer.finish(at: 4)
        #expect(!writer.isWriting)
        #expect(try store.iterations() == [3, 4])
        #expect(try store.newestWhole() == scratch.file("snap_iter_4.solverstate"))
        #expect(log.warnings == [])
        #expect(log.lines.count { $0.hasPrefix("Snapshot of iteration ") } == 4)
    }

    /// What training does afterwards to its buffers is not in the files.
    @Test
    func theCopyIsAsItWas() throws {
        let scratch = try ScratchDirectory("writer")
        let (net, solver) = try TestTraining.make(TestTraining.net(outputs: 1000))
        let before = net.parameters.parameters[0].blob.dataArray
        let writer = SnapshotWriter(SnapshotStore(prefix: scratch.file("snap")), keep: nil, log: RecordingLog().log)
        writer.begin { SnapshotCopy(of: net, solver, state: SnapshotState(iteration: 1)) }
        net.parameters.values.fill(7)
        solver.history[0].fill(7)
        writer.wait()
        try SnapshotStore.restore(scratch.file("snap_iter_1.solverstate"), into: solver, net: net)
        #expect(net.parameters.parameters[0].blob.dataArray == before)
        #expect(solver.history[0].array(0..<1) != [7])
    }

    /// Training goes on, with a warning each time; what was there stays, and once there is room again all is well.
    @Test(.enabled(if: TestDisk.isPossible, "mounting a small disk takes root"))
    func aFullDiskEndsNothing() throws {
        let disk = try TestDisk(kilobytes: 100)
        let store = SnapshotStore(prefix: disk.path + "/snap")
        let log = RecordingLog()
        let writer = SnapshotWriter(store, keep: 1, log: log.log)
        for iteration in 1...3 {
            let copy = try Self.copy(iteration, count: iteration == 1 ? 1000 : 6000)
            writer.begin { copy }
        }
        let error = try #require(throws: SnapshotFailure.self) { try writer.finish(at: 3) }
        #expect(error.description.contains("no snapshot of iteration 3: can't write"))
        #expect(error.description.contains("No space left on device"))
        try writer.finish(at: 4)
        #expect(log.warnings.count == 2)
        #expect(log.warnings.allSatisfy { $0.contains("MB are free") && $0.contains("training goes on") })
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path).sorted()
        #expect(names == ["snap_iter_1.caffemodel", "snap_iter_1.solverstate"])
        #expect(try store.newestWhole() == store.prefix + "_iter_1.solverstate")
        let copy = try Self.copy(4)
        writer.begin { copy }
        try writer.finish(at: 4)
        #expect(try store.iterations() == [4])
    }
}
