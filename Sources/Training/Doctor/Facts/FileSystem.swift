import Foundation

/// The file system in which a folder lies.
package struct FileSystem: Codable, Equatable, Sendable {
    /// "ext4", "nfs4", "tmpfs".
    package let type: String
    package let mountPoint: String

    /// nil where the kernel does not say.
    ///
    /// Source: proc(5), /proc/pid/mountinfo: the mount point is the fifth field, the type the first after " - ". The last line
    /// of the longest mount point that holds the folder counts.
    package init?(of folder: String, _ files: SystemFiles = SystemFiles()) {
        let path = URL(filePath: folder).resolvingSymlinksInPath().path
        var best: (point: String, type: String)?
        for line in files.lines("/proc/self/mountinfo") {
            let halves = line.components(separatedBy: " - ")
            let fields = halves[0].split(separator: " ")
            guard halves.count == 2, fields.count > 4, let type = halves[1].split(separator: " ").first else {
                continue
            }
            let point = fields[4].replacing("\\040", with: " ")
            let holds = point == "/" || path == point || path.hasPrefix(point + "/")
            if holds, point.count >= best?.point.count ?? 0 { best = (String(point), String(type)) }
        }
        guard let best else { return nil }
        (mountPoint, type) = best
    }
}
