import CDNNL

/// Facts about the oneDNN that runs.
package enum DNNL {
    /// "2.6.3".
    package static let version: String = {
        var buffer = [CChar](repeating: 0, count: 32)
        return unsafe String(cString: cdnnl_version(&buffer))
    }()
}

/// One oneDNN primitive with its arguments and scratch memory, made at set-up; running it allocates nothing.
///
/// It runs on the calling thread's OpenMP pool with as many threads as `Threads.count` was when it was made.
@safe final class DNNLPrimitive {
    private let op: OpaquePointer
    private let name: String
    private let scratchpad: FloatStorage

    typealias Maker = (_ op: UnsafeMutablePointer<OpaquePointer?>) -> Int32

    /// Makes a primitive by one of the shim's makers; the name appears in errors.
    ///
    /// - Parameter hasScratchpad: Whether it gets a scratchpad of its own; else that is bound before each run.
    @safe init(_ name: String, hasScratchpad: Bool = true, _ make: Maker) throws(DNNLError) {
        cdnnl_set_threads(Int32(Threads.count))
        var made: OpaquePointer?
        let status = unsafe make(&made)
        guard let op = unsafe made else { throw DNNLError(primitive: name, status: status) }
        unsafe self.op = op
        self.name = name
        scratchpad = unsafe FloatStorage(bytes: hasScratchpad ? cdnnl_bytes_of(op, cdnnl_scratchpad) : 0)
        unsafe cdnnl_bind(op, cdnnl_scratchpad, scratchpad.pointer)
    }

    deinit { unsafe cdnnl_free(op) }

    /// For the shim's makers that ask for another primitive.
    @unsafe var pointer: OpaquePointer { unsafe op }

    /// "jit:avx512_common", "ref:any".
    var implementation: String { unsafe String(cString: cdnnl_implementation(op)) }

    /// Whether oneDNN has nothing better than its plain loops.
    var isReference: Bool { implementation.hasPrefix("ref") }

    /// Whether it is one of oneDNN's kernels for bfloat16 arithmetic ("jit_bf16:avx512_core_bf16", "…_amx"), and not a
    /// detour over general products ("x64:gemm:jit").
    var isForBFloat16: Bool { implementation.contains("bf16") || implementation.contains("amx") }

    /// The layout it has chosen for an argument; nil if we have no name for it.
    func layout(of argument: cdnnl_argument, _ shape: Shape) -> Layout? {
        unsafe Layout(cdnnl_format_of(op, argument, cdnnl_tensor(shape, .plain)))?
            .of(cdnnl_type_of(op, argument) == cdnnl_bfloat16 ? .bf16 : .float32)
    }

    /// Bytes of an argument, padding included.
    func bytes(of argument: cdnnl_argument) -> Int { unsafe cdnnl_bytes_of(op, argument) }

    func bind(_ argument: cdnnl_argument, _ memory: UnsafeMutablePointer<Float>) {
        unsafe cdnnl_bind(op, argument, memory)
    }

    func bind(_ argument: cdnnl_argument, _ storage: FloatStorage) {
        unsafe cdnnl_bind(op, argument, storage.pointer)
    }

    func run() throws(DNNLError) {
        let status = unsafe cdnnl_run(op)
        if status != 0 { throw DNNLError(primitive: name, status: status) }
    }
}

extension FloatStorage {
    convenience init(bytes: Int) {
        self.init(count: (bytes + MemoryLayout<Float>.stride - 1) / MemoryLayout<Float>.stride)
    }
}

// MARK: Our shapes and layouts in the shim's words

extension Layout {
    init?(_ format: cdnnl_format) {
        switch format {
        case cdnnl_plain: self = .plain
        case cdnnl_blocked8: self = .blocked(8)
        case cdnnl_blocked16: self = .blocked(16)
        default: return nil
        }
    }

    var format: cdnnl_format {
        switch self {
        case .plain, .plainBF16: cdnnl_plain
        case .blocked(8), .blockedBF16(8): cdnnl_blocked8
        case .blocked(16), .blockedBF16(16): cdnnl_blocked16
        case .blocked(let block), .blockedBF16(let block): preconditionFailure("oneDNN has no blocks of \(block)")
        }
    }
}

extension cdnnl_tensor {
    /// A tensor in a layout, and in its precision; nil leaves the choice of a layout in that precision to the primitive.
    init(_ shape: Shape, _ layout: Layout?, _ precision: Precision = .float32) {
        self.init()
        rank = Int32(shape.axes)
        unsafe withUnsafeMutableBytes(of: &dims) { bytes in
            let dims = unsafe bytes.bindMemory(to: Int64.self)
            for axis in 0..<shape.axes { unsafe dims[axis] = Int64(shape[axis]) }
        }
        format = layout?.format ?? cdnnl_any
        type = (layout?.precision ?? precision) == .bf16 ? cdnnl_bfloat16 : cdnnl_float32
    }
}

extension cdnnl_window {
    init(kernel: Extent, stride: Extent, dilation: Extent, padBegin: Extent, padEnd: Extent) {
        self.init(
            kernel: kernel.pair, stride: stride.pair, dilation: dilation.pair, pad_begin: padBegin.pair,
            pad_end: padEnd.pair)
    }
}

extension Extent {
    fileprivate var pair: (Int64, Int64) { (Int64(height), Int64(width)) }
}
