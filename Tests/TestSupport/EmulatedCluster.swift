import Foundation

/// Hosts that `deploy/cluster` makes of this machine; they go when this does.
package final class EmulatedCluster {
    /// The sentence why this machine makes no hosts; nil where it does, or where `deploy/cluster` itself is at fault, which
    /// a test should then find.
    package static let obstacle: String? = {
        guard let check = try? call(["check"]), check.status == 77 else { return nil }
        return check.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
    }()

    /// Of this process alone.
    private static let name = "test-\(ProcessInfo.processInfo.processIdentifier)"

    private static let environment = ["CLUSTER_NAME": name, "TWOTOWER": Tool.path]

    private static let script = Golden.directory.appending(path: "../../deploy/cluster").standardizedFileURL.path

    /// - Parameters:
    ///   - slots: the ranks that each host takes.
    ///   - rate: of each link, such as "1gbit"; nil is what the machine can do.
    package init(hosts: Int, slots: Int, rate: String? = nil) throws {
        let shape = rate.map { ["--rate", $0] } ?? []
        let up = try Self.call(["up", "\(hosts)", "--slots", "\(slots)", "--ttl", "600"] + shape)
        if up.status != 0 { throw Fault(sentence: up.standardError) }
    }

    deinit { _ = try? Self.call(["down"]) }

    package struct Fault: Error {
        package let sentence: String
    }

    /// Runs the built tool on all slots by `deploy/launch`.
    ///
    /// - Parameter timeout: in seconds; over it the run counts as hung.
    package func run(_ arguments: [String], ranks: Int, timeout: Int = 60) throws -> Command {
        try Self.call(["run", "-np", "\(ranks)", "--"] + arguments, timeout: timeout)
    }

    /// Starts the built tool by `deploy/launch`, which gets signals as it would from a scheduler.
    package func start(_ arguments: [String], options: [String], mark: String) throws -> RunningTool {
        try RunningTool(
            command: [Self.script, "run"] + options + ["--"] + arguments, mark: mark, environment: Self.environment)
    }

    /// Starts the built tool on all slots, for a test that breaks something meanwhile.
    package func start(_ arguments: [String], ranks: Int) throws -> RunningTool {
        try start(arguments, options: ["-np", "\(ranks)"], mark: Self.name)
    }

    /// Any other verb of `deploy/cluster`.
    package func call(_ arguments: [String], timeout: Int = 20) throws -> Command {
        try Self.call(arguments, timeout: timeout)
    }

    private static func call(_ arguments: [String], timeout: Int = 20) throws -> Command {
        try Command.run(
            script, arguments, timeout: timeout, environment: environment,
            directory: FileManager.default.temporaryDirectory.path)
    }
}
