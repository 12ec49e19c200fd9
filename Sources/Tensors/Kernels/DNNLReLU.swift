import CDNNL

/// The rectifier y = max(x, 0) + slope · min(x, 0), in place or not, in any layout.
///
/// Backward reads y, not x, so that it works in place; that needs a slope that is not negative.
@safe package final class DNNLReLU {
    private let count: Int
    private let forward: DNNLPrimitive
    private let backward: DNNLPrimitive?

    package init(_ shape: Shape, layout: Layout, negativeSlope: Float = 0, trains: Bool = true) throws(DNNLError) {
        precondition(negativeSlope >= 0, "ReLU with negative_slope \(negativeSlope)")
        count = layout.storageCount(of: shape)
        let tensor = cdnnl_tensor([count], .plain)
        let name = "ReLU of \(shape)"
        let forward = try DNNLPrimitive("\(name), forward") { op in
            unsafe cdnnl_relu_forward(op, tensor, negativeSlope)
        }
        self.forward = forward
        backward =
            trains
            ? try DNNLPrimitive("\(name), backward") { op in
                unsafe cdnnl_relu_backward(op, forward.pointer, tensor, negativeSlope)
            } : nil
    }

    /// Writes the destination's data; it may be the source.
    package func forward(source: Blob, destination: Blob) throws(DNNLError) {
        precondition(source.storageCount == count && destination.storageCount == count, "ReLU of \(source)")
        unsafe forward.bind(cdnnl_source, source.dataPointer)
        unsafe forward.bind(cdnnl_destination, destination.dataPointer)
        try forward.run()
    }

    /// Writes the source's diff from the destination's data and diff; it may be the destination.
    package func backward(destination: Blob, source: Blob) throws(DNNLError) {
        guard let backward else { preconditionFailure("ReLU made for forward only") }
        precondition(source.storageCount == count && destination.storageCount == count, "ReLU of \(source)")
        unsafe backward.bind(cdnnl_destination, destination.dataPointer)
        unsafe backward.bind(cdnnl_diff_destination, destination.diffPointer)
        unsafe backward.bind(cdnnl_diff_source, source.diffPointer)
        try backward.run()
    }
}
