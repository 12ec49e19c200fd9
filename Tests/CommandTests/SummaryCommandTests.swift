import TestSupport
import Testing

extension CommandTests {
    struct SummaryCommandTests {
        /// The seed net at its own size, without lists: 53.7 million weights in each tower.
        @Test
        func theSeedNetIsCounted() throws {
            let command = try Tool.run(["summary", "--model", Golden.path("seed.prototxt"), "--ranks", "2"])
            #expect(command.status == 0, "\(command.standardError)")
            let output = command.standardOutput
            #expect(output.contains(/conv1 +Convolution +16×96×62×62/))
            #expect(output.contains(/loss +ContrastiveLoss/))
            #expect(output.contains(/parameters +107,453,188/))
            #expect(output.contains(/exchange +429 MB sent by each of 2 rank\(s\) a step/))
        }

        @Test
        func ranksShareTheBatch() throws {
            let model = Golden.path("net_contrastive/train_val.prototxt")
            let shapes = try [1, 3].map { ranks in
                try Tool.run(["summary", "--model", model, "--ranks", "\(ranks)"]).standardOutput
            }
            #expect(shapes[0].contains("8×3×64×64"))
            #expect(shapes[1].contains("2×3×64×64"), "rank 0 of 3 has two of eight pairs")
            let test = try Tool.run(["summary", "--model", model, "--phase", "test"]).standardOutput
            #expect(test.contains("4×3×64×64"))
            #expect(!test.contains("exchange"))
        }
    }

    struct TimeCommandTests {
        /// Needs no list and no image, and ends in one line to compare with.
        @Test
        func theLastLineCompares() throws {
            let command = try Tool.run(
                [
                    "time", "--model", Golden.path("net_contrastive/train_val.prototxt"), "--iterations", "2",
                    "--engine", "caffe",
                ])
            #expect(command.status == 0, "\(command.standardError)")
            let lines = command.standardOutput.split(separator: "\n")
            let last = /step [\d.]+ ms, [\d.]+ GFLOP: (\d+\.\d) GFLOP\/s, (\d+\.\d) % of peak/
            let match = try #require(lines.last?.wholeMatch(of: last), "\(command.standardOutput)")
            #expect(Double(match.1) ?? 0 > 0)
            #expect(lines.contains { $0.hasPrefix("conv1_p ") })
            #expect(lines.contains { $0.contains("sgemm peak") && $0.contains("on 1 rank(s) of") })
        }
    }
}
