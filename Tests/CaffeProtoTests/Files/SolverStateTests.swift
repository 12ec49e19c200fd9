import CaffeProto
import Foundation
import SwiftProtobuf
import Testing

/// Reading and writing of solverstates.
struct SolverStateTests {
    private let golden = GoldenFiles.path("net_contrastive/snap_iter_10.solverstate")

    private func whole() throws -> SolverState {
        try SolverState(serializedBytes: Data(contentsOf: URL(filePath: golden)))
    }

    private func write(_ header: SolverState, _ history: [BlobProto]) throws -> Data {
        var written = Data()
        let writer = try SolverStateWriter(header) { written += $0 }
        for blob in history { try writer.append(history: blob) }
        try writer.finish()
        return written
    }

    @Test func readsBlobByBlobWhatIsThereAsAWhole() throws {
        let state = try whole()
        let reader = try SolverStateReader(golden)
        #expect(reader.header.iter == 10 && reader.header.learnedNet == state.learnedNet)
        #expect(reader.header.history.isEmpty)
        #expect(try (0..<reader.historyCount).map(reader.history) == state.history)
        #expect(reader.historyCount == 28)
    }

    @Test func writesTheBytesThatCaffeWrote() throws {
        var header = try whole()
        let history = header.history
        header.history = []
        #expect(try write(header, history) == Data(contentsOf: URL(filePath: golden)))
    }

    @Test func keepsOurOwnFields() throws {
        let header = SolverState.with {
            $0.iter = 7
            $0.learnedNet = "x_iter_7.caffemodel"
            $0.currentStep = 2
            $0.twoTower = .with {
                $0.randomSeed = .max
                $0.listFingerprint = [1, 2]
                $0.recentLoss = [0.1, .infinity]
            }
        }
        let blob = BlobProto.with { $0.data = [1, 2, 3] }
        try withFile(write(header, [blob, blob])) { path in
            let reader = try SolverStateReader(path)
            #expect(reader.header == header)
            #expect(reader.historyCount == 2)
            #expect(try reader.history(1) == blob)
        }
    }
}
