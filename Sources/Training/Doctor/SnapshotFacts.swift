package import Comm
import Foundation
import Tensors

/// What rank zero finds of the folder of the snapshots, and who else sees it.
package struct SnapshotFacts {
    package let prefix: String
    /// Why nothing can be written there.
    package var error: String?
    package var fileSystem: FileSystem?
    package var free = 0
    /// Bytes a second of a file of 16 MB, written and synced.
    package var speed = 0.0
    /// The hosts that don't see what rank zero writes.
    package var blindHosts: [String] = []
    /// Who holds the prefix's lock, if anybody does; one left behind is taken over by the next training.
    package var lock: String?

    private static let probeBytes = 16_000_000

    package init(prefix: String) { self.prefix = prefix }

    /// nil on all ranks but rank zero.
    ///
    /// Collective. All ranks look for a file that rank zero writes, and that goes again.
    package static func measure(prefix: String, over communicator: any Communicator) throws -> SnapshotFacts? {
        var facts = SnapshotFacts(prefix: prefix)
        let probe = prefix + ".doctor-probe"
        if communicator.isRankZero { facts.write(probe) }
        defer { if communicator.isRankZero { unsafe unlink(probe) } }
        try communicator.barrier()
        let seen = try communicator.gather(communicator.localRank > 0 || waits(for: probe) ? "seen" : "")
        guard communicator.isRankZero else { return nil }
        facts.blindHosts = zip(communicator.hosts, seen).filter { $1.isEmpty }.map { $0.0 }
        return facts
    }

    private mutating func write(_ probe: String) {
        let folder = URL(filePath: prefix).deletingLastPathComponent().path
        do {
            try AtomicFile.probe(prefix: prefix)
            let data = Data(count: Self.probeBytes)
            let seconds =
                try ContinuousClock().measure { try AtomicFile.write(to: probe) { try $0(data) } } / .seconds(1)
            speed = Double(Self.probeBytes) / seconds
        } catch {
            self.error = "\(error)"
        }
        fileSystem = FileSystem(of: folder)
        free = HostFacts.Room(of: folder)?.free ?? 0
        if let holder = PrefixLock.holder(ofPrefix: prefix), holder.isAlive != false {
            lock = "process \(holder.process) on \(holder.host), since \(holder.since): \(holder.program)"
        }
    }

    /// A network's file system may show a new file some seconds late.
    private static func waits(for probe: String) -> Bool {
        for _ in 0..<30 {
            if FileManager.default.fileExists(atPath: probe) { return true }
            Thread.sleep(forTimeInterval: 0.1)
        }
        return false
    }
}
