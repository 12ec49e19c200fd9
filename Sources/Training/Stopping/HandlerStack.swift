import Foundation

/// A stack for signal handlers, beside the main thread's.
///
/// Numeric kernels that are written in machine code use the stack pointer for what they like, so a handler that ran on the
/// interrupted thread's "stack" could write into the heap (seen: 3 of 80 runs died of a signal in the middle of a step);
/// and a handler that tells of a stack overflow needs one anyway. The system gives a process's signals to its main thread.
enum HandlerStack {
    private static let given: Void = {
        let size = 1 << 17
        var stack = unsafe stack_t()
        unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe stack.ss_size = size
        unsafe sigaltstack(&stack, nil)
    }()

    /// Gives the main thread its second stack, once; handlers with SA_ONSTACK then run there.
    static func prepare() { given }
}
