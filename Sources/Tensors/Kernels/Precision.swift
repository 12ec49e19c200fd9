import CDNNL

/// In which numbers convolutions and inner products multiply.
///
/// Weights, blobs and gradients are float32 with both, and so are all sums.
package enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Factors rounded to bfloat16, eight bits of mantissa: a product is exact to a relative 2⁻⁷.
    case bf16

    /// Whether this processor multiplies in these numbers, as oneDNN sees it (it heeds `ONEDNN_MAX_CPU_ISA`).
    package var isHere: Bool { self == .float32 || cdnnl_has_bfloat16() }

    /// What oneDNN computes with on this processor: "avx512_core_bf16".
    package static var instructionSet: String { unsafe String(cString: cdnnl_instruction_set()) }
}
