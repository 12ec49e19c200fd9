import CDNNL

/// The rounded source and the rounded diff of the destination, of a convolution in bfloat16.
@safe final class DNNLConvolutionRounding {
    private let ofSource: DNNLRounding
    /// Nil without backward passes.
    private let ofDiff: DNNLRounding?
    /// The source from forward to backward; nil where it is needed in forward only, and lies in the scratch.
    private let kept: FloatStorage?
    private let scratch: SharedScratch

    init(
        _ passes: DNNLConvolutionPasses, _ geometry: ConvolutionGeometry, _ scratch: SharedScratch
    ) throws(DNNLError) {
        self.scratch = scratch
        ofSource = try DNNLRounding(for: cdnnl_source, of: passes.forward, geometry.input, passes.sourceLayout)
        kept = passes.backwardWeights == nil ? nil : FloatStorage(bytes: ofSource.bytes)
        if kept == nil { scratch.reserve(bytes: ofSource.bytes) }
        if let pass = passes.backwardWeights ?? passes.backwardData {
            let rounding = try DNNLRounding(
                for: cdnnl_diff_destination, of: pass, geometry.output, passes.destinationLayout)
            scratch.reserve(bytes: rounding.bytes)
            ofDiff = rounding
        } else {
            ofDiff = nil
        }
    }

    /// The source as it was when it was rounded last.
    @unsafe var source: UnsafeMutablePointer<Float> { unsafe kept?.pointer ?? scratch.pointer }

    /// The diff that was rounded last, until others use the scratch.
    @unsafe var diff: UnsafeMutablePointer<Float> { unsafe scratch.pointer }

    func roundSource(_ blob: Blob) throws(DNNLError) {
        try unsafe ofSource.run(from: blob.dataPointer, to: source)
    }

    func roundDiff(_ blob: Blob) throws(DNNLError) {
        guard let ofDiff else { preconditionFailure("convolution made without backward passes") }
        try unsafe ofDiff.run(from: blob.diffPointer, to: diff)
    }
}
