import Foundation
import TestSupport
import Testing

/// Damaged files of each format: each is read or refused, in bounded time and memory, and nothing crashes.
///
/// `TWOTOWER_FUZZ=100000` reads so many of each, and `TWOTOWER_FUZZ_SEED` others.
@Suite(.serialized)
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["TWOTOWER_FUZZ"] ?? "2000"
    private static let seed = environment["TWOTOWER_FUZZ_SEED"] ?? "1"

    @Test(arguments: ["net", "solver", "caffemodel", "solverstate", "mean", "list", "jpeg", "png", "lmdb", "pack"])
    func nothingCrashes(format: String) throws {
        // Beside the test bundle; 8 GB of addresses are plenty, so that nothing large is even asked for.
        let program = URL(filePath: Tool.path).deletingLastPathComponent().appending(path: "fuzzing").path
        let command = try Command.run(
            "prlimit", ["--as=\(8 << 30)", program, format, Self.count, Self.seed], timeout: 3600)
        let said = command.standardOutput.suffix(200)
        #expect(command.status == 0, "seed \(Self.seed): \(said)\(command.standardError.suffix(2000))")
        #expect(command.standardOutput.contains("\(format): \(Self.count) inputs"), "\(said)")
    }
}
