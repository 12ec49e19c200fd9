import Comm
import Foundation

/// How a rank ends the whole job when the other ranks, MPI, or a host can't be relied on any more.
package enum JobEnd {
    /// The status of a rank that its watchdog has ended: sysexits' EX_IOERR, as it is mostly a network or a disk.
    package static let stalled: Int32 = 74

    /// How long mpirun takes, when all is well, to end a job one of whose ranks has ended.
    private static let patience = 6

    /// Ends this process at once, and mpirun soon if it doesn't end by itself.
    package static func end(status: Int32) -> Never {
        endLauncher()
        _exit(status)
    }

    /// The same in some seconds, if this process is still there then: MPI_Abort hangs where a host is cut off.
    package static func arm(status: Int32) {
        let thread = Thread {
            sleep(UInt32(patience))
            end(status: status)
        }
        thread.start()
    }

    /// Where mpirun itself started this process, sees to it that it ends.
    ///
    /// Where a host is gone mpirun waits for it; the first SIGTERM makes it try to end the job, and the second, two seconds
    /// later, ends it. That takes somebody who outlives this process.
    private static func endLauncher() {
        let launcher = getppid()
        let name = (try? String(contentsOfFile: "/proc/\(launcher)/comm", encoding: .utf8)) ?? ""
        guard ["mpirun", "orterun", "mpiexec"].contains(name.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            return
        }
        // The next rank of the host tries only where the one before it could not.
        let place = ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_LOCAL_RANK"].flatMap { Int($0) } ?? 0
        let script = """
            sleep \(patience + 5 * place)
            for wait in 2 2 0; do
                grep -qxE 'mpirun|orterun|mpiexec' /proc/$0/comm 2>/dev/null || exit 0
                kill -TERM $0
                sleep $wait
            done
            """
        // In a session of its own, so that what ends this job doesn't end it, and without our files, so that nobody waits
        // for their end.
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setsid")
        process.arguments = ["sh", "-c", script, "\(launcher)"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try? process.run()
    }
}
