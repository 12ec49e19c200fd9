import CDNNL

/// oneDNN refused to make or run a primitive.
package struct DNNLError: Error, Equatable, CustomStringConvertible {
    /// Which primitive on what shapes: "convolution forward of 32×3×256×256, 96 outputs, …".
    package let primitive: String
    /// oneDNN's word for it: "unimplemented", "out_of_memory".
    package let status: String

    package init(primitive: String, status: String) {
        self.primitive = primitive
        self.status = status
    }

    init(primitive: String, status: Int32) {
        self.init(primitive: primitive, status: unsafe String(cString: cdnnl_status_text(status)))
    }

    package var description: String {
        "oneDNN \(DNNL.version) refused the \(primitive) (\(status)); engine: CAFFE computes it without oneDNN"
    }
}
