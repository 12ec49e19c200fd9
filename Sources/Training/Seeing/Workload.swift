package import Nets
import Tensors

/// What one step of a net costs a rank: multiply-adds and memory.
package struct Workload {
    /// Multiply-adds of all layers.
    package private(set) var forward = 0
    package private(set) var backward = 0
    /// Bytes of all blobs between layers, memory that several use counted once.
    package private(set) var blobBytes = 0

    package init(_ net: Net) {
        var memory: [ObjectIdentifier: Int] = [:]
        for step in net.steps {
            forward += Self.forward(step)
            backward += Self.backward(step)
            for blob in step.top {
                for part in blob.hasDiff ? [.data, .diff] : [.data] as [Blob.Part] {
                    let storage = blob.memory(of: part)
                    memory[ObjectIdentifier(storage)] = storage.count * MemoryLayout<Float>.stride
                }
            }
        }
        blobBytes = memory.values.reduce(0, +)
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
