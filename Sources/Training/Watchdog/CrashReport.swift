import Foundation
import Synchronization
import Tensors

/// The last words of a rank that dies of a signal: which rank, where, in which iteration, of what.
///
/// The handler only copies bytes that were made ready, and writes them by one call, as a handler must.
package enum CrashReport {
    private static let deadly: [(signal: Int32, name: StaticString)] = [
        (SIGSEGV, "SIGSEGV: it touched memory that is not its own"), (SIGBUS, "SIGBUS: a file it reads was cut short"),
        (SIGFPE, "SIGFPE: a division by zero"), (SIGILL, "SIGILL: a trap of the program"),
        (SIGTRAP, "SIGTRAP: a trap of the program"), (SIGABRT, "SIGABRT: a library gave up"),
    ]

    /// The text before the iteration, and room for all of it.
    nonisolated(unsafe) private static var text = unsafe UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)
    nonisolated(unsafe) private static var prefix = 0
    private static let hasBegun = Atomic<Bool>(false)

    /// From now on a deadly signal says so before it ends this process.
    package static func install(rank: Int, host: String) {
        let start = Array("twotower: error: rank \(rank) (\(host)) died ".utf8)
        unsafe text = UnsafeMutableBufferPointer.allocate(capacity: start.count + 256)
        for (index, byte) in start.enumerated() { unsafe text[index] = byte }
        unsafe prefix = start.count
        // The first look at a global sets it up, which is nothing for a handler to do.
        _ = (Activity.iteration, hasBegun.load(ordering: .relaxed))
        HandlerStack.prepare()
        for (signal, _) in deadly {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { CrashReport.die($0) }
            action.sa_flags = SA_ONSTACK
            unsafe sigaction(signal, &action, nil)
        }
    }

    private static func die(_ number: Int32) {
        if !hasBegun.exchange(true, ordering: .relaxed) {
            var end = unsafe prefix
            if let iteration = Activity.iteration {
                append("in iteration ", &end)
                append(iteration, &end)
            } else {
                append("at the start", &end)
            }
            append(" of signal ", &end)
            append(Int(number), &end)
            for (signal, name) in deadly where signal == number {
                append(" (", &end)
                append(name, &end)
                append(")", &end)
            }
            append("; all ranks end\n", &end)
            _ = unsafe write(STDERR_FILENO, text.baseAddress, end)
        }
        // What would have happened without us.
        signal(number, SIG_DFL)
        raise(number)
    }

    private static func append(_ words: StaticString, _ end: inout Int) {
        for index in 0..<min(words.utf8CodeUnitCount, unsafe text.count - end) {
            unsafe text[end] = words.utf8Start[index]
            end += 1
        }
    }

    private static func append(_ number: Int, _ end: inout Int) {
        var power = 1
        while number / power >= 10 { power *= 10 }
        while power > 0, unsafe end < text.count {
            unsafe text[end] = UInt8(ascii: "0") + UInt8(number / power % 10)
            end += 1
            power /= 10
        }
    }
}
