import Foundation

/// The scripts of `Tests/Interop`, run by the Python that `deploy/install --tests` makes, with packages of PyPI.
package enum Python {
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    private static let root = Golden.directory.deletingLastPathComponent().deletingLastPathComponent()

    /// - Throws: `Missing` where there is no such Python.
    package static func run(_ script: String, _ arguments: [String], timeout: Int = 120) throws -> Command {
        let program = root.appending(path: ".build/python/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Missing(
                description:
                    "there is no \(program), which this test needs: run deploy/install --tests, which makes it from "
                    + "packages of PyPI, so that must be reachable")
        }
        let path = root.appending(path: "Tests/Interop/\(script)").path
        return try Command.run(program, [path] + arguments, timeout: timeout)
    }
}
