import CDNNL

/// Local response normalisation across channels: y = x · (k + α/n · Σx²)^−β over the n channels around each.
///
/// Caffe: lrn_layer.cpp, norm_region ACROSS_CHANNELS.
@safe package final class DNNLLRN {
    private let shape: Shape
    private let layout: Layout
    private let forward: DNNLPrimitive
    private let backward: DNNLPrimitive?
    private let workspace: FloatStorage

    /// - Parameters:
    ///   - size: n, odd.
    ///   - trains: Whether `backward` will be called.
    package init(
        _ shape: Shape, layout: Layout, size: Int, alpha: Float, beta: Float, k: Float, trains: Bool = true
    ) throws(DNNLError) {
        self.shape = shape
        self.layout = layout
        let tensor = cdnnl_tensor(shape, layout)
        let name = "LRN of \(shape), \(layout), size \(size), alpha \(alpha), beta \(beta), k \(k)"
        let forward = try DNNLPrimitive("\(name), forward") { op in
            unsafe cdnnl_lrn_forward(op, tensor, Int64(size), alpha, beta, k, trains)
        }
        workspace = FloatStorage(bytes: forward.bytes(of: cdnnl_workspace))
        forward.bind(cdnnl_workspace, workspace)
        self.forward = forward
        guard trains else {
            backward = nil
            return
        }
        let backward = try DNNLPrimitive("\(name), backward") { op in
            unsafe cdnnl_lrn_backward(op, forward.pointer, tensor, Int64(size), alpha, beta, k)
        }
        backward.bind(cdnnl_workspace, workspace)
        self.backward = backward
    }

    /// Writes the destination's data.
    package func forward(source: Blob, destination: Blob) throws(DNNLError) {
        check(source)
        check(destination)
        unsafe forward.bind(cdnnl_source, source.dataPointer)
        unsafe forward.bind(cdnnl_destination, destination.dataPointer)
        try forward.run()
    }

    /// Writes the source's diff; reads the source's data and, through the workspace, the last `forward`.
    package func backward(destination: Blob, source: Blob) throws(DNNLError) {
        guard let backward else { preconditionFailure("LRN made for forward only") }
        check(source)
        check(destination)
        unsafe backward.bind(cdnnl_source, source.dataPointer)
        unsafe backward.bind(cdnnl_diff_destination, destination.diffPointer)
        unsafe backward.bind(cdnnl_diff_source, source.diffPointer)
        try backward.run()
    }

    private func check(_ blob: Blob) {
        precondition(blob.shape == shape && blob.layout == layout, "LRN on \(blob)")
    }
}
