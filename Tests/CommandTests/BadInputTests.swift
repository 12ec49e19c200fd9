import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// A clear sentence, once, status 1, no hang and nothing half-written, whatever is wrong with the input.
    struct BadInputTests {
        @Test(arguments: Fault.all + [Fault.fileInTheWay])
        func oneRank(fault: Fault) throws { try Self.check(fault, ranks: nil) }

        private static let shared: Set = [
            "missing list", "labels that differ", "missing image", "truncated image", "BMP as image", "missing solver",
            "unknown field", "unknown layer", "bottom that nobody makes", "shapes that do not fit", "missing snapshot",
            "snapshot of another net", "caffemodel as snapshot", "weights of other shapes", "weights cut short",
        ]

        /// Under mpirun all ranks end, and one of them speaks.
        @Test(arguments: Fault.all.filter { shared.contains($0.name) } + [Fault.fileInTheWay])
        func twoRanks(fault: Fault) throws { try Self.check(fault, ranks: 2) }

        @Test(.enabled(if: TestDisk.isPossible, "mounting a small disk takes root"), arguments: Fault.disks, [nil, 2])
        func disk(fault: Fault, ranks: Int?) throws { try Self.check(fault, ranks: ranks) }

        @Test
        func moreRanksThanPairs() throws {
            let fault = Fault(name: "batch of two") { run in
                let text = try run.folder.text(of: Fault.netFile)
                try run.folder.write(Fault.netFile, text.replacing("batch_size: 8", with: "batch_size: 2"))
                return Fault.Scene(says: ["the TRAIN net: 3 ranks can't share a batch of 2", "start at most 2 ranks"])
            }
            try Self.check(fault, ranks: 3)
        }

        private static func check(_ fault: Fault, ranks: Int?) throws {
            let run = try GoldenRun("net_contrastive", editSolver: { $0 += "display: 1\n" })
            let scene = try fault.prepare(run)
            let before = try run.folder.names
            let start = scene.start ?? ["--solver", run.solver, "--snapshot-prefix", run.prefix]
            let command = try Tool.run(["train"] + start + scene.arguments, ranks: ranks, timeout: 60)
            #expect(command.status == 1)
            #expect(command.errors.count == 1, "\(command.standardError)")
            for part in scene.says { #expect(command.errors.first?.contains(part) == true, "\(part)") }
            #expect(command.standardError.contains("Iteration 0") == fault.isLate, "found before iteration 0")
            // The metrics file begins with the first display.
            let left = Set(try run.folder.names).subtracting(before).subtracting(["snap.metrics.jsonl"])
            #expect(left == [])
            if let disk = scene.disk {
                let names = try FileManager.default.contentsOfDirectory(atPath: disk.path)
                #expect(names.filter { $0.contains("tmp") || $0.contains("probe") } == [])
            }
        }
    }
}
