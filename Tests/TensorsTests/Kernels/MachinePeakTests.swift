import Tensors
import Testing

@Suite struct MachinePeakTests {
    /// No machine of today does less than 1 or more than 10,000 GFLOP/s on a core.
    @Test func isARate() {
        let peak = MachinePeak.measure()
        #expect(peak > 1 && peak < 10_000 * Double(Threads.count))
    }
}
