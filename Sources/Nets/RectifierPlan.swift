import Tensors

/// What becomes of the ReLUs that work in place, in a net whose inner blobs nobody looks at: it computes the same sooner.
///
/// A ReLU whose blob is read by one MAX pooling alone runs behind it, on a fraction of the numbers, since the largest of
/// rectified numbers is the largest one rectified (equals that it makes of unequal ones get no gradient anyway). One on
/// the top of a convolution is computed by that, while the numbers are at hand. Both with oneDNN's layers only.
enum RectifierPlan {
    /// - Parameter steps: in the order of the definition.
    /// - Returns: the same steps in the order in which they shall run.
    static func apply(to steps: [Net.Step]) throws -> [Net.Step] {
        var steps = steps
        for rectifier in steps.compactMap({ $0.layer as? ReLULayer }) {
            guard let index = steps.firstIndex(where: { $0.layer === rectifier }),
                steps[index].top[0] === steps[index].bottom[0]
            else { continue }
            if let pooling = poolingBehind(index, in: steps) {
                let step = steps.remove(at: index)
                let (layer, blob) = (steps[pooling - 1].layer, steps[pooling - 1].top[0])
                steps.insert(step.moved(to: blob, note: "after \(layer.name)"), at: pooling)
            } else if let convolution = convolutionBelow(index, in: steps), try rectifier.leave(to: convolution) {
                steps[index] = steps[index].moved(to: steps[index].top[0], note: "in \(convolution.name)")
            }
        }
        return steps
    }

    /// The MAX pooling that alone reads what the step at `index` makes.
    private static func poolingBehind(_ index: Int, in steps: [Net.Step]) -> Int? {
        let rectifier = steps[index]
        let users = steps.indices.filter { $0 > index && steps[$0].uses(rectifier.top[0]) }
        guard users.count == 1, let pooling = steps[users[0]].layer as? DNNLPoolingLayer, pooling.hasMaximaOnly,
            steps[users[0]].lossWeights == [0],
            steps[users[0]].propagateDown == rectifier.propagateDown,
            steps[users[0]].needsBackward == rectifier.needsBackward,
            // Tops of a Split lie in the same place: what rectifies one rectifies all.
            !steps[..<index].contains(where: { $0.layer is SplitLayer && $0.uses(rectifier.top[0]) })
        else { return nil }
        return users[0]
    }

    /// The convolution that has made what the step at `index` rectifies.
    private static func convolutionBelow(_ index: Int, in steps: [Net.Step]) -> DNNLConvolutionLayer? {
        let layer = steps[..<index].last { $0.uses(steps[index].top[0]) }?.layer as? DNNLConvolutionLayer
        return layer.flatMap { $0.canRectify ? $0 : nil }
    }
}

extension Net.Step {
    fileprivate func uses(_ blob: Blob) -> Bool { (bottom + top).contains { $0 === blob } }
}
