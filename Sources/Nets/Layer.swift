package import CaffeProto
package import Tensors

/// One step of a net: reads its bottom blobs, writes its top blobs, and passes gradients the other way.
///
/// The life of a layer (Caffe: include/caffe/layer.hpp):
/// 1. `init` reads the definition and refuses what makes no sense.
/// 2. `bottomLayouts` says in which layouts it wants its bottoms; the net inserts a `Reorder` where one differs.
/// 3. `setUp` checks the bottoms' shapes, gives the tops theirs, makes parameters and every buffer it will need.
/// 4. `forward` and `backward` run each iteration and allocate nothing.
///
/// Layers know nothing of other ranks; what concerns the global batch they ask of `context`.
package class Layer {
    package let definition: LayerParameter
    package let context: NetContext
    package internal(set) var parameters: [Parameter] = []
    /// Whether the net has a backward pass; this and the next are known before `bottomLayouts`.
    package internal(set) var runsBackward = false
    /// Which bottoms will get a gradient.
    package internal(set) var propagateDown: [Bool] = []

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        self.definition = definition
        self.context = context
    }

    package var name: String { definition.name }
    package var type: String { definition.type }

    // MARK: What the net asks before set-up

    /// How many bottoms and tops the layer takes.
    package var bottomCount: ClosedRange<Int> { 1...1 }
    package var topCount: ClosedRange<Int> { 1...1 }

    /// Whether a top may be the blob of the bottom with the same number.
    package var worksInPlace: Bool { false }

    /// Whether this bottom can get a gradient at all (a label can't).
    package func passesGradient(toBottom index: Int) -> Bool { true }

    /// The loss weight of a top whose definition gives none: 1 for the first top of a loss.
    package func defaultLossWeight(ofTop index: Int) -> Float { 0 }

    /// Whether `backward` looks at the bottoms' or the tops' data again; what no layer looks at again is given up in
    /// forward (`BufferPlan`).
    package var backwardReadsBottoms: Bool { true }
    package var backwardReadsTops: Bool { true }

    /// Whether a pass asks for sums or rows of the whole batch (`context.reducer`); known after `setUp`.
    package var asksWholeBatch: Bool { false }

    /// Whether a top that is no scalar still holds values over the whole batch (the accuracy of each class).
    package func topIsOverBatch(_ index: Int) -> Bool { false }

    /// The layouts in which the layer wants its bottoms; plain unless overridden.
    package func bottomLayouts(_ bottom: [Blob]) throws -> [Layout] {
        bottom.map { _ in .plain }
    }

    /// Whether `bottomLayouts` may name one of bfloat16 numbers; where it does otherwise, the float32 one is meant.
    package var readsBFloat16: Bool { false }

    // MARK: The contract

    /// Checks bottoms, shapes tops, adds parameters, makes buffers; called once.
    package func setUp(bottom: [Blob], top: [Blob]) throws {
        preconditionFailure("\(type) has no setUp")
    }

    /// Computes the tops' data from the bottoms'.
    package func forward(bottom: [Blob], top: [Blob]) throws {
        preconditionFailure("\(type) has no forward")
    }

    /// Computes the bottoms' diffs (where `propagateDown` says so) from the tops' diffs, replacing what is there,
    /// and adds to the parameters' gradients by the rule of `Parameter.gradientBeta`.
    package func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        preconditionFailure("\(type) has no backward")
    }

    /// Multiply-adds of one forward pass of this shard; 0 for what is not dense algebra.
    package func multiplyAdds(bottom: [Blob], top: [Blob]) -> Int { 0 }

    /// What the layer could compute by one of several kernels, once it is set up; empty where its definition says by which.
    package var kernelTrials: [KernelTrial] { [] }

    // MARK: For layers

    /// An error of this layer: what was expected, what was found, what to do.
    package func fault(_ message: String) -> NetError {
        definition.fault(message)
    }

    /// Adds the next parameter with its filler; multipliers and sharing come from the definition's `param`.
    ///
    /// - Throws: `ShapeError` where a blob can't have so many values.
    package func addParameter(_ shape: Shape, filler: Filler) throws(ShapeError) {
        try shape.checkCount()
        let index = parameters.count
        let spec = spec(ofParameter: index)
        parameters.append(
            Parameter(
                layerName: name, index: index, shape: shape, filler: filler, sharedName: spec.name,
                learningRateMultiplier: spec.lrMult, decayMultiplier: spec.decayMult))
    }

    /// Whether the parameter of that number, which need not exist yet, will get a gradient.
    package func wantsGradient(ofParameter index: Int) -> Bool {
        runsBackward && spec(ofParameter: index).lrMult != 0
    }

    private func spec(ofParameter index: Int) -> ParamSpec {
        definition.param.indices.contains(index) ? definition.param[index] : ParamSpec()
    }

    /// The axis as a number from 0, or an error that names the shape.
    package func axis(_ axis: Int, of blob: Blob) throws -> Int {
        guard let canonical = blob.shape.canonicalAxis(axis) else {
            throw fault("axis \(axis) does not exist in bottom \"\(blob.name)\" of shape \(blob.shape)")
        }
        return canonical
    }
}
