import CDNNL

/// Pooling by oneDNN, where it does exactly what Caffe does (pooling_layer.cpp).
@safe package final class DNNLPooling {
    package enum Method: String, Sendable, CaseIterable { case max = "MAX", average = "AVE" }

    private let geometry: PoolingGeometry
    private let layout: Layout
    private let forward: DNNLPrimitive
    private let backward: DNNLPrimitive?
    /// MAX: which element of each window was the first maximum.
    private let workspace: FloatStorage

    /// Nil where oneDNN's divisor is not Caffe's: AVE with padding whose last window hangs over even that.
    package convenience init?(
        exactly method: Method, _ geometry: PoolingGeometry, layout: Layout, trains: Bool = true
    ) throws(DNNLError) {
        guard let rule = Self.rule(method, geometry) else { return nil }
        try self.init(rule, geometry, layout: layout, trains: trains)
    }

    /// Caffe divides by the window's part inside input and pad, so padding counts but what hangs over it doesn't.
    private static func rule(_ method: Method, _ geometry: PoolingGeometry) -> cdnnl_pooling? {
        if method == .max { return cdnnl_max }
        let overhang = geometry.overhang
        if overhang.height <= geometry.pad.height && overhang.width <= geometry.pad.width {
            return cdnnl_average_with_padding
        }
        return geometry.pad == Extent(0) ? cdnnl_average_without_padding : nil
    }

    private init(
        _ rule: cdnnl_pooling, _ geometry: PoolingGeometry, layout: Layout, trains: Bool
    ) throws(DNNLError) {
        self.geometry = geometry
        self.layout = layout
        let source = cdnnl_tensor(geometry.input, layout)
        let destination = cdnnl_tensor(geometry.output, layout)
        let window = cdnnl_window(
            kernel: geometry.kernel, stride: geometry.stride, dilation: Extent(1), padBegin: geometry.pad,
            padEnd: geometry.overhang)
        let name = "pooling of \(geometry), \(layout)"
        let forward = try DNNLPrimitive("\(name), forward") { op in
            unsafe cdnnl_pooling_forward(op, rule, source, destination, window, trains)
        }
        workspace = FloatStorage(bytes: forward.bytes(of: cdnnl_workspace))
        forward.bind(cdnnl_workspace, workspace)
        self.forward = forward
        guard trains else {
            backward = nil
            return
        }
        let backward = try DNNLPrimitive("\(name), backward") { op in
            unsafe cdnnl_pooling_backward(op, forward.pointer, rule, source, destination, window)
        }
        backward.bind(cdnnl_workspace, workspace)
        self.backward = backward
    }

    /// Writes the destination's data; remembers the maxima for `backward`.
    package func forward(source: Blob, destination: Blob) throws(DNNLError) {
        check(source, destination)
        unsafe forward.bind(cdnnl_source, source.dataPointer)
        unsafe forward.bind(cdnnl_destination, destination.dataPointer)
        try forward.run()
    }

    /// Writes the source's diff.
    package func backward(destination: Blob, source: Blob) throws(DNNLError) {
        guard let backward else { preconditionFailure("pooling made for forward only") }
        check(source, destination)
        unsafe backward.bind(cdnnl_diff_destination, destination.diffPointer)
        unsafe backward.bind(cdnnl_diff_source, source.diffPointer)
        try backward.run()
    }

    private func check(_ source: Blob, _ destination: Blob) {
        precondition(source.shape == geometry.input && source.layout == layout, "pooling of \(source)")
        precondition(destination.shape == geometry.output && destination.layout == layout, "pooling to \(destination)")
    }
}
