package import Nets
import Tensors

/// What one step of a net costs a rank: multiply-adds and memory.
package struct Workload {
    /// Multiply-adds of all layers.
    package private(set) var forward = 0
    package private(set) var backward = 0
    /// Bytes of all blobs between layers, each storage counted once as far as the net can tell.
    package private(set) var blobBytes = 0

    package init(_ net: Net) {
        var seen: Set<ObjectIdentifier> = []
        for step in net.steps {
            forward += Self.forward(step)
            backward += Self.backward(step)
            for blob in step.top where seen.insert(ObjectIdentifier(blob)).inserted {
                guard step.layer.type != "Split" else { continue }
                blobBytes += blob.storageCount * MemoryLayout<Float>.stride * (blob.hasDiff ? 2 : 1)
            }
        }
    }

    /// Two for each multiply-add of a rank's step.
    package static func operationsPerStep(of net: Net) -> Double {
        net.steps.reduce(0) { $0 + 2 * Double(forward($1) + backward($1)) }
    }

    package static func forward(_ step: Net.Step) -> Int { step.layer.multiplyAdds(bottom: step.bottom, top: step.top) }

    /// As many again for the weights' gradient, and once more for the data's where it is wanted.
    package static func backward(_ step: Net.Step) -> Int {
        guard step.needsBackward else { return 0 }
        let passes = (step.layer.parameters.first?.learns == true ? 1 : 0) + (step.propagateDown.contains(true) ? 1 : 0)
        return passes * forward(step)
    }
}
