import CaffeProto
import Nets
import TestSupport
import Testing
import Training

struct SnapshotStateTests {
    @Test
    func comesBackAsItWent() {
        var state = SnapshotState(iteration: 12_345, learnedNet: "a/snap_iter_12345.caffemodel")
        state.currentStep = 3
        state.seed = .max - 1
        state.batchSize = 96
        state.worldSize = 3
        state.listFingerprints = [0, .max]
        state.netFingerprint = 42
        state.recentLosses = [0.1, .pi, 1e-300]
        state.exchange = ["fc6[0]": .factors, "conv1[0]": .allReduce]
        state.kernels = KernelChoices([.init(job: "forward", kernel: "Winograd", seconds: 0.02, defaultSeconds: 0.05)])
        #expect(SnapshotState(state.message) == state)
        state.kernels = KernelChoices([.init(job: "forward", kernel: "Winograd")])
        state.deterministic = DeterministicState(microBatch: 4, threads: 2)
        #expect(SnapshotState(state.message) == state)
    }

    /// What Caffe wrote has Caffe's fields and none of ours.
    @Test
    func readsCaffesOwn() throws {
        let state = try SnapshotStore.readState(Golden.path("net_contrastive/snap_iter_10.solverstate"))
        #expect(state.iteration == 10)
        #expect(state.learnedNet == "net_contrastive/snap_iter_10.caffemodel")
        #expect(state.currentStep == 1, "stepsize 8")
        #expect(state.seed == nil)
        #expect(state.batchSize == nil)
        #expect(state.listFingerprints == [])
        #expect(state.recentLosses == [])
    }
}
