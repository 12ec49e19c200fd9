import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `deploy/bench`, with a small net.
    @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "Python is not here"))
    struct BenchTests {
        private struct Report: Decodable {
            struct Row: Decodable {
                let row: Int
                let what: String
                let refused: String?
                let median: Double?
                let ratio: Double?
                let samples: [Double]?
                let bytesSentAStep: Double?
            }

            let rows: [Row]
        }

        /// Measures some rows; the report, and the table as printed.
        private func bench(_ rows: String) throws -> (report: Report, table: String) {
            let folder = try ScratchDirectory("bench")
            let bench = Golden.directory.appending(path: "../../deploy/bench").standardizedFileURL.path
            let net = Golden.path("net_contrastive/train_val.prototxt")
            let command = try Command.run(
                bench, ["--quick", "--rows", rows, "--net", net, "--out", folder.path],
                timeout: 300, environment: ["TWOTOWER": Tool.path])
            try #require(command.status == 0, "\(command.standardError)")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            #expect(
                command.standardOutput.trimmingCharacters(in: .newlines)
                    == (try folder.text(of: "bench.md").trimmingCharacters(in: .newlines)))
            return (try decoder.decode(Report.self, from: folder.data(of: "bench.json")), command.standardOutput)
        }

        @Test
        func stepsMakeRatiosAndWhatIsMissingIsSaid() throws {
            let (report, table) = try bench("1,3,8")
            try #require(report.rows.map(\.row) == [1, 1, 3, 8])
            let (one, two) = (try #require(report.rows[0].median), try #require(report.rows[2].median))
            #expect(report.rows[0].samples?.count == 4)
            let (share, speed) = (try #require(report.rows[0].ratio), try #require(report.rows[2].ratio))
            #expect(share > 0 && share < 1)
            #expect(abs(speed - one / two) < 1e-9)
            #expect(table.contains(String(format: "| 3 | two ranks against one | %.3f s |", two)))
            #expect(report.rows[3].refused == "PyTorch's step is that of the reference net, and --net gives another")
        }

        /// The net's gradients are more than 300 kB, and no exchange of them sends nothing or far more than twice that.
        @Test(.enabled(if: EmulatedCluster.obstacle == nil, "\(EmulatedCluster.obstacle ?? "")"))
        func bytesAreCountedOnTheWire() throws {
            let auto = try #require(try bench("4").report.rows.first)
            #expect(auto.what == "step between two hosts, auto, 1 Gbit/s")
            let bytes = try #require(auto.bytesSentAStep)
            #expect(bytes > 1e4 && bytes < 1e6)
        }
    }
}
