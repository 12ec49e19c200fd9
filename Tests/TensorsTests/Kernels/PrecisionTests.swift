import Foundation
import Tensors
import Testing

@Suite struct PrecisionTests {
    @Test func float32IsEverywhere() {
        #expect(Precision.float32.isHere)
    }

    /// oneDNN's word for the processor agrees with the kernel's, unless oneDNN is told to use less than there is.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["ONEDNN_MAX_CPU_ISA"] == nil))
    func bfloat16IsWhereTheProcessorHasIt() throws {
        let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).split { " \n".contains($0) }
        #expect(Precision.bf16.isHere == flags.contains("avx512_bf16"))
        #expect(Precision.bf16.isHere == ["avx512_core_bf16", "avx512_core_amx"].contains(Precision.instructionSet))
    }
}
