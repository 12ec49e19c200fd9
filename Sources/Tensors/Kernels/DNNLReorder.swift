import CDNNL

/// Copies a blob into another layout: plain to blocked or back; padded channels become zero.
@safe package final class DNNLReorder {
    private let shape: Shape
    private let source: Layout
    private let destination: Layout
    private let forward: DNNLPrimitive
    private let backward: DNNLPrimitive

    package init(_ shape: Shape, from source: Layout, to destination: Layout) throws(DNNLError) {
        self.shape = shape
        self.source = source
        self.destination = destination
        let inSource = cdnnl_tensor(shape, source)
        let inDestination = cdnnl_tensor(shape, destination)
        let name = "reorder of \(shape) between \(source) and \(destination)"
        forward = try DNNLPrimitive(name) { op in unsafe cdnnl_reorder(op, inSource, inDestination, 0) }
        backward = try DNNLPrimitive(name) { op in unsafe cdnnl_reorder(op, inDestination, inSource, 0) }
    }

    /// Writes the destination's data from the source's.
    package func forward(source: Blob, destination: Blob) throws(DNNLError) {
        check(source, destination)
        unsafe forward.bind(cdnnl_source, source.dataPointer)
        unsafe forward.bind(cdnnl_destination, destination.dataPointer)
        try forward.run()
    }

    /// Writes the source's diff from the destination's.
    package func backward(destination: Blob, source: Blob) throws(DNNLError) {
        check(source, destination)
        unsafe backward.bind(cdnnl_source, destination.diffPointer)
        unsafe backward.bind(cdnnl_destination, source.diffPointer)
        try backward.run()
    }

    private func check(_ source: Blob, _ destination: Blob) {
        precondition(source.shape == shape && source.layout == self.source, "reorder from \(source)")
        precondition(destination.shape == shape && destination.layout == self.destination, "reorder to \(destination)")
    }
}
