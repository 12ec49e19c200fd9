import Foundation

/// A program run to its end, with what it wrote; ended by force, with all that it started, at a time limit.
package struct Command: Sendable {
    /// The exit status; 128 and the signal's number for a program that a signal has ended, as shells count.
    package let status: Int32
    package let standardOutput: String
    package let standardError: String

    /// Whether it had to be ended at its time limit: it hung.
    package var hung: Bool { [124, 137].contains(status) }

    /// Runs a program.
    ///
    /// `timeout` of coreutils makes a process group of it, to which the limit's signals go. The output goes through
    /// files, since nobody reads a pipe while this waits.
    ///
    /// - Parameters:
    ///   - program: its path, or its name in PATH.
    ///   - timeout: in seconds.
    ///   - environment: what is added to this process's environment.
    package static func run(
        _ program: String, _ arguments: [String], timeout: Int = 120, environment: [String: String] = [:],
        directory: String? = nil
    ) throws -> Command {
        let scratch = try ScratchDirectory("command")
        let (output, error) = (try scratch.write("output", ""), try scratch.write("error", ""))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=10", "\(timeout)", program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: error))
        try hearingSignals { try process.run() }
        process.waitUntilExit()
        return Command(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            standardOutput: String(decoding: try scratch.data(of: "output"), as: UTF8.self),
            standardError: String(decoding: try scratch.data(of: "error"), as: UTF8.self))
    }

    /// Threads that run tests block signals; a program started so would inherit that, and not hear its time limit.
    static func hearingSignals<R>(_ body: () throws -> R) rethrows -> R {
        var (none, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
}

/// The built `twotower`, alone or under mpirun.
package enum Tool {
    /// Beside the test bundle, which is the running program.
    package static var path: String {
        let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appending(path: "twotower").path
    }

    /// - Parameters:
    ///   - ranks: how many mpirun starts; nil runs the program without mpirun.
    ///   - timeout: in seconds; over it the run counts as hung.
    ///   - directory: the working directory, where the tool looks for files first; the system's folder for temporary files
    ///     if nothing is said, where it finds none.
    package static func run(
        _ arguments: [String], ranks: Int? = nil, timeout: Int = 120, environment: [String: String] = [:],
        directory: String = FileManager.default.temporaryDirectory.path
    ) throws -> Command {
        guard let ranks else {
            return try Command.run(
                path, arguments, timeout: timeout, environment: environment, directory: directory)
        }
        let asRoot = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        return try Command.run(
            "mpirun", ["--oversubscribe", "-np", "\(ranks)", path] + arguments, timeout: timeout,
            environment: environment.merging(asRoot) { $1 }, directory: directory)
    }
}

extension Command {
    /// What the tool says went wrong, each time that it says it: the text after "twotower: error: ".
    package var errors: [String] {
        standardError.components(separatedBy: "twotower: error: ").dropFirst().map { $0 }
    }
}
