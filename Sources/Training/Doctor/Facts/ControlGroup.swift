import Comm
import Foundation
import Tensors

/// What a container or a scheduler lets this process have, as Linux's control groups say: of version 2, of version 1, or of
/// both side by side.
///
/// A limit of any group holds for those below it, so the tightest on the way to the root counts.
package struct ControlGroup: Codable, Equatable, Sendable {
    /// Cores' worth of time; nil for no limit.
    package let quota: Double?
    /// The most memory in bytes, and how much is still free of it; nil for no limit.
    package let memoryLimit: Int?
    package let memoryFree: Int?
    /// The processors that it may use; nil where that is not said.
    package let processors: [Int]?

    package init(_ files: SystemFiles) {
        let groups = Groups(files)
        quota = groups.folders("cpu").compactMap { folder -> Double? in
            let modern = files.text(folder + "/cpu.max")?.split(separator: " ").map { Double($0) }
            if let modern, modern.count == 2, let most = modern[0], let period = modern[1] { return most / period }
            guard let most = files.number(folder + "/cpu.cfs_quota_us"), most > 0,
                let period = files.number(folder + "/cpu.cfs_period_us"), period > 0
            else { return nil }
            return Double(most) / Double(period)
        }.min()
        let memory = groups.folders("memory").compactMap { folder -> (limit: Int, free: Int)? in
            let names = [("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")]
            for (limit, usage) in names {
                // Version 1 says "no limit" by a number near 2⁶³.
                guard let limit = files.number("\(folder)/\(limit)"), limit < 1 << 60 else { continue }
                let used = files.number("\(folder)/\(usage)") ?? 0
                return (limit, max(0, limit - used + Self.reclaimable(folder, files)))
            }
            return nil
        }
        memoryLimit = memory.map(\.limit).min()
        memoryFree = memory.map(\.free).min()
        processors =
            groups.folders("cpuset").lazy.compactMap { folder in
                ["cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"].lazy
                    .compactMap { files.text("\(folder)/\($0)") }.compactMap { Machine.processors(list: $0) }.first
            }.first
    }

    /// Pages of files that nobody uses count as used, and go when memory is wanted.
    private static func reclaimable(_ folder: String, _ files: SystemFiles) -> Int {
        let lines = files.lines(folder + "/memory.stat")
        let line =
            lines.first { $0.hasPrefix("total_inactive_file ") } ?? lines.first { $0.hasPrefix("inactive_file ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    /// Where the groups of this process lie.
    private struct Groups {
        private let root = "/sys/fs/cgroup"
        /// The group of each controller; of "" that of version 2.
        private var paths: [String: String] = [:]
        private let files: SystemFiles

        init(_ files: SystemFiles) {
            self.files = files
            for line in files.lines("/proc/self/cgroup") {
                let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard parts.count == 3 else { continue }
                for controller in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                    paths[String(controller)] = String(parts[2])
                }
            }
        }

        /// The folders of a controller's group and of those above it, the innermost first.
        ///
        /// In a container the group's path may be one of the host's, which is not there: then its root is the group.
        func folders(_ controller: String) -> [String] {
            let base = paths[controller] == nil ? root : "\(root)/\(controller)"
            var path = paths[controller] ?? paths[""] ?? "/"
            var folders: [String] = []
            while path != "/", !path.isEmpty {
                folders.append(base + path)
                path = path.pathFolder
            }
            return folders + [base]
        }
    }
}
