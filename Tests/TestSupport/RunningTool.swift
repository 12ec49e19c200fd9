import Foundation

/// The built `twotower` under way, alone or under mpirun: a test waits for what it says, sends it signals, and hears how it
/// ends.
package final class RunningTool {
    private let process = Process()
    private let scratch: ScratchDirectory
    /// What tells this run's ranks from those of others: a word of their command lines.
    private let mark: String

    package struct Fault: Error {
        package let sentence: String
    }

    /// - Parameters:
    ///   - mark: an argument that no other run has, such as a path in a scratch directory.
    ///   - ranks: how many mpirun starts; nil runs the program without mpirun.
    package convenience init(_ arguments: [String], mark: String, ranks: Int? = nil) throws {
        let launcher = ranks.map { ["mpirun", "--oversubscribe", "-np", "\($0)"] } ?? []
        let asRoot = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        try self.init(command: launcher + [Tool.path] + arguments, mark: mark, environment: asRoot)
    }

    /// Starts what runs the tool in its own way.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - environment: what is added to this process's environment.
    package init(command: [String], mark: String, environment: [String: String]) throws {
        self.mark = mark
        scratch = try ScratchDirectory("running")
        let output = try FileHandle(forWritingTo: URL(filePath: try scratch.write("error", "")))
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try Command.hearingSignals { try process.run() }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// All that it has said on standard error so far.
    package var said: String { (try? scratch.text(of: "error")) ?? "" }

    /// Returns as soon as it has said this; throws if it ends before, or in `timeout` seconds.
    package func wait(for text: String, timeout: Double = 20) throws {
        let limit = Date.now + timeout
        while !said.contains(text) {
            guard process.isRunning || said.contains(text) else {
                throw Fault(sentence: "ended without saying \"\(text)\": \(said)")
            }
            guard Date.now < limit else { throw Fault(sentence: "hasn't said \"\(text)\" yet: \(said)") }
            usleep(10_000)
        }
    }

    /// Sends a signal to the program itself, or to mpirun.
    package func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Sends a signal to one rank on this machine.
    package func signal(_ signal: Int32, rank: Int) throws {
        guard let pid = pid(ofRank: rank) else { throw Fault(sentence: "there is no rank \(rank)") }
        kill(pid, signal)
    }

    /// Waits for its end; the status as shells count it, nil if it had to be ended after `timeout` seconds.
    package func status(timeout: Double = 20) -> Int32? {
        let limit = Date.now + timeout
        while process.isRunning, Date.now < limit { usleep(10_000) }
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            return nil
        }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    /// What it has said went wrong, each time: the text after "twotower: error: ".
    package var errors: [String] { said.components(separatedBy: "twotower: error: ").dropFirst().map { $0 } }

    private func pid(ofRank rank: Int) -> pid_t? {
        let pids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
        return pids.first { pid in
            Self.words(pid, "cmdline").contains(mark) && Self.words(pid, "comm").first == "twotower\n"
                && Self.words(pid, "environ").contains("OMPI_COMM_WORLD_RANK=\(rank)")
        }
    }

    private static func words(_ pid: pid_t, _ file: String) -> [String] {
        let bytes = (try? Data(contentsOf: URL(filePath: "/proc/\(pid)/\(file)"))) ?? Data()
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
