import Comm
import Foundation

/// What one rank of each host tells of it.
package struct HostFacts: Codable, Equatable, Sendable {
    /// A file system's room, in bytes.
    package struct Room: Codable, Equatable, Sendable {
        package let total: Int
        package let free: Int

        package init(total: Int, free: Int) {
            self.total = total
            self.free = free
        }

        /// nil where there is no such folder.
        package init?(of folder: String) {
            var status = statvfs()
            guard unsafe statvfs(folder, &status) == 0 else { return nil }
            // Some file systems say that they have no end.
            func bytes(_ blocks: UInt) -> Int {
                let (bytes, isTooMany) = blocks.multipliedReportingOverflow(by: UInt(status.f_frsize))
                return isTooMany ? .max : Int(clamping: bytes)
            }
            total = bytes(UInt(status.f_blocks))
            free = bytes(UInt(status.f_bavail))
        }
    }

    /// "AMD EPYC 9354"; "" where the kernel does not say.
    package var processor: String
    /// The logical processors that are switched on.
    package var processors: [Int]
    /// Those of each core: two or more with hyper-threads.
    package var siblings: [[Int]]
    /// "performance", and whose it is: "acpi-cpufreq".
    package var governor: String?
    package var governorDriver: String?
    /// In bytes.
    package var memory: Int
    package var memoryFree: Int
    /// Where OpenMPI puts the memory that ranks of a host share; nil where it is not there.
    package var sharedMemory: Room?
    /// Yama's rule of who may look into whom: 0 for anybody of the same user.
    package var ptraceScope: Int?
    package var hasInfiniBand: Bool

    package init(_ files: SystemFiles, sharedMemory: Room? = Room(of: "/dev/shm")) {
        processor =
            files.lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? ""
        let folder = "/sys/devices/system/cpu"
        processors = files.text("\(folder)/online").flatMap { Machine.processors(list: $0) } ?? Machine.usableProcessors
        let lists = processors.compactMap { files.text("\(folder)/cpu\($0)/topology/thread_siblings_list") }
        siblings = Set(lists).compactMap { Machine.processors(list: $0) }.sorted { $0[0] < $1[0] }
        governor = files.text("\(folder)/cpu0/cpufreq/scaling_governor")
        governorDriver = files.text("\(folder)/cpu0/cpufreq/scaling_driver")
        memory = (files.number(of: "MemTotal", in: "/proc/meminfo") ?? 0) << 10
        memoryFree = (files.number(of: "MemAvailable", in: "/proc/meminfo") ?? 0) << 10
        self.sharedMemory = sharedMemory
        ptraceScope = files.number("/proc/sys/kernel/yama/ptrace_scope")
        hasInfiniBand = !files.names(in: "/sys/class/infiniband").isEmpty
    }
}
