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
        }

        /// 96 % of the gradient lies in two layers of which 2 MB say all; a network of 1 Gbit/s makes the model see it.
        @Test
        func theExchangeIsPredicted() throws {
            func summary(_ options: String...) throws -> String {
                let command = try Tool.run(
                    ["summary", "--model", Golden.path("seed.prototxt"), "--ranks", "2"] + options)
                #expect(command.status == 0, "\(command.standardError)")
                return command.standardOutput
            }
            let auto = try summary("--bandwidth", "1Gbit")
            #expect(auto.contains(/fc6_p\[0\] +factors +1.065 MB/))
            #expect(auto.contains(/fc6_p\[1\] +with its weights +0.000 MB/))
            #expect(auto.contains(/conv2\[0\] +allreduce +1.229 MB/))
            let sums = try summary("--bandwidth", "1Gbit", "--exchange", "allreduce")
            #expect(sums.contains("429.81 MB sent by each rank a step"))
            let half = try summary("--bandwidth", "10Gbit", "--exchange", "allreduce", "--wire", "bf16")
            #expect(half.contains("214.91 MB sent by each rank a step"))
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
            let last =
                /step [\d.]+ ms \(median of 2, [\d.]+ to [\d.]+\), [\d.]+ GFLOP: (\d+\.\d) GFLOP\/s, (\d+\.\d) % of peak/
            let match = try #require(lines.last?.wholeMatch(of: last), "\(command.standardOutput)")
            #expect(Double(match.1) ?? 0 > 0)
            #expect(lines.contains { $0.hasPrefix("conv1_p ") })
            #expect(lines.contains { $0.contains("machine peak") && $0.contains("on 1 rank(s) of") })
        }
    }
}
