import Foundation

/// This machine, as this process sees it.
package enum Machine {
    /// The host's name without asking any name server.
    package static var name: String {
        var bytes = [CChar](repeating: 0, count: 256)
        // The last byte stays zero: POSIX does not promise one when the name is cut.
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The processor's name and abilities as Linux tells them (x86's words, then ARM's), which decide the kernels that
    /// libraries run; "" where it doesn't.
    package static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return ["model name", "flags", "CPU part", "Features"].compactMap { key in
            text.split(separator: "\n").first { $0.hasPrefix(key) }.map(String.init)
        }.joined(separator: "\n")
    }

    /// The most memory that this process has had at once, in bytes.
    package static var peakResidentBytes: Int {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }

    /// The numbers of the logical processors that this thread may run on (its affinity mask), in order.
    ///
    /// From the kernel's text: Swift does not see `sched_getaffinity`, which is a GNU extension.
    package static var usableProcessors: [Int] {
        let status = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)) ?? ""
        let key = "Cpus_allowed_list:"
        let list = status.split(separator: "\n").first { $0.hasPrefix(key) }?.dropFirst(key.count)
        return list.flatMap(processors) ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
    }

    /// The processors of a kernel list such as "0-3,8"; nil if it is none.
    package static func processors(list: some StringProtocol) -> [Int]? {
        var result: [Int] = []
        for range in list.split(separator: ",") {
            let ends = range.split(separator: "-").map { Int($0.trimmingCharacters(in: .whitespaces)) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
                return nil
            }
            result += first...last
        }
        return result.isEmpty ? nil : result
    }
}
