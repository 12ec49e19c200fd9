import CDNNL

/// Rounds a blob's values to what a primitive multiplies: bfloat16, in the blob's own layout.
struct DNNLRounding {
    private let reorder: DNNLPrimitive

    /// - Parameter layout: The blob's.
    init(
        for argument: cdnnl_argument, of pass: DNNLPrimitive, _ shape: Shape, _ layout: Layout
    ) throws(DNNLError) {
        reorder = try DNNLPrimitive("rounding of \(shape) to bfloat16") { op in
            unsafe cdnnl_reorder_into(op, cdnnl_tensor(shape, layout), pass.pointer, argument)
        }
    }

    /// What the rounded values take.
    var bytes: Int { reorder.bytes(of: cdnnl_destination) }

    @unsafe func run(
        from values: UnsafeMutablePointer<Float>, to rounded: UnsafeMutablePointer<Float>
    ) throws(DNNLError) {
        unsafe reorder.bind(cdnnl_source, values)
        unsafe reorder.bind(cdnnl_destination, rounded)
        try reorder.run()
    }
}
