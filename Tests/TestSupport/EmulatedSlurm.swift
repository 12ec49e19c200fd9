import Foundation

/// A Slurm cluster that `deploy/slurm` makes of this machine, with jobs of `deploy/train.sbatch`; it goes when this does.
package final class EmulatedSlurm {
    /// The sentence why this machine has no Slurm; nil where it has, or where `deploy/slurm` itself is at fault, which a test
    /// should then find.
    package static let obstacle: String? = {
        guard let check = try? call(["check"]), check.status == 77 else { return nil }
        return check.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    /// Of this process alone.
    private static let name = "test-\(ProcessInfo.processInfo.processIdentifier)"

    private static let scripts = Golden.directory.appending(path: "../../deploy").standardizedFileURL

    package init(nodes: Int) throws {
        try Self.succeed(["up", "\(nodes)", "--ttl", "600"])
    }

    deinit { _ = try? Self.call(["down"]) }

    package struct Fault: Error {
        package let sentence: String
    }

    /// Queues a training of one rank a node, of one thread each.
    ///
    /// - Parameters:
    ///   - nodes: how many of the nodes it takes.
    ///   - folder: where it runs, and writes its log.
    ///   - arguments: of `twotower train`.
    package func submit(nodes: Int, in folder: ScratchDirectory, _ arguments: [String]) throws -> Job {
        let log = folder.file("job.log")
        let script = Self.scripts.appending(path: "train.sbatch").path
        let number = try execute(
            ["sbatch", "--parsable", "--nodes", "\(nodes)", "--cpus-per-task", "1", "--chdir", folder.path]
                + ["--output", log, script] + arguments)
        return Job(number: number, log: log, slurm: self)
    }

    /// Runs one of Slurm's commands, and returns what it wrote.
    @discardableResult
    package func execute(_ command: [String]) throws -> String {
        try Self.succeed(["exec"] + command).standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    private static func succeed(_ arguments: [String]) throws -> Command {
        let command = try call(arguments)
        guard command.status == 0 else { throw Fault(sentence: "\(arguments): \(command.standardError)") }
        return command
    }

    private static func call(_ arguments: [String]) throws -> Command {
        try Command.run(
            scripts.appending(path: "slurm").path, arguments, timeout: 30,
            environment: ["SLURM_NAME": name, "TWOTOWER": Tool.path],
            directory: FileManager.default.temporaryDirectory.path)
    }

    /// A queued, running or ended job.
    package struct Job {
        package let number: String
        /// The path of what it and its ranks say.
        package let log: String
        private let slurm: EmulatedSlurm

        fileprivate init(number: String, log: String, slurm: EmulatedSlurm) {
            (self.number, self.log, self.slurm) = (number, log, slurm)
        }

        /// What Slurm knows of it under a name: "JobState", "Restarts", "ExitCode".
        package func value(of name: String) throws -> String? {
            try slurm.execute(["scontrol", "show", "job", "--oneliner", number]).split(separator: " ")
                .first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }

        package var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        /// Waits until something holds, at most so many seconds; says whether it came to hold.
        package func waits(seconds: Int = 90, until holds: () throws -> Bool) throws -> Bool {
            let end = ContinuousClock.now.advanced(by: .seconds(seconds))
            while ContinuousClock.now < end {
                if try holds() { return true }
                Thread.sleep(forTimeInterval: 0.1)
            }
            return false
        }

        /// Waits for the job's end, which is not that of one of its starts; its last state.
        package func end() throws -> String? {
            let ends: Set = ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"]
            _ = try waits { ends.contains(try value(of: "JobState") ?? "") }
            return try value(of: "JobState")
        }
    }
}
