import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct TestCommandTests {
        /// What is printed on standard output, by name.
        private static func test(_ model: String, _ weights: String, ranks: Int? = nil) throws -> [String: String] {
            let command = try Tool.run(
                [
                    "test", "--model", model, "--weights", Golden.path(weights + ".caffemodel"),
                ], ranks: ranks, directory: Golden.directory.path)
            try #require(command.status == 0, "\(command.standardError)")
            let pairs = command.standardOutput.split(separator: "\n").map { line in
                let parts = line.split(separator: " = ", maxSplits: 1).map(String.init)
                return (parts[0], parts.count > 1 ? parts[1] : "")
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }

        /// Means over the golden test.txt's three batches of four.
        @Test(arguments: [nil, 2] as [Int?])
        func lossIsCaffes(ranks: Int?) throws {
            let found = try Self.test(
                Golden.path("net_contrastive/train_val.prototxt"), "net_contrastive/snap_iter_20", ranks: ranks)
            let expected = (0.0777966604 + 0.134084821 + 0.207437009) / 3
            let loss = try #require(found["loss"].flatMap { Double($0) })
            #expect(Compare.relativeMismatch("loss", [loss], [expected]) == nil)
            #expect(found["pairs"] == "12 (7 matching, 5 not)")
        }

        /// On the pairs that it was trained on, for twenty iterations, the net is better than chance.
        @Test
        func verificationIsPrinted() throws {
            let run = try GoldenRun("net_contrastive", editNet: { $0 = $0.replacing("\"test", with: "\"train") })
            let found = try Self.test(run.net("net_contrastive"), "net_contrastive/snap_iter_20")
            #expect(found["pairs"] == "20 (11 matching, 9 not)")
            let area = try #require(found["AUC"].flatMap { Double($0) })
            #expect((0.5...1).contains(area))
            // Of 11 · 9 comparisons a whole number is right, or a half where two pairs tie.
            #expect(abs((area * 198).rounded() / 198 - area) < 1e-4)
            let equal = try #require(found["EER"]?.wholeMatch(of: /(0\.\d{4}) at distance \d+\.\d{4}/))
            #expect((0...0.5).contains(Double(equal.1) ?? -1))
            let matching = try #require(found["mean distance of matching pairs"].flatMap { Double($0) })
            let other = try #require(found["mean distance of non-matching pairs"].flatMap { Double($0) })
            #expect(0 < matching && matching < other && other < 3)
        }

        @Test
        func classesHaveAccuracyAndNoVerification() throws {
            let found = try Self.test(Golden.path("net_softmax/train_val.prototxt"), "net_softmax/snap_iter_20")
            let accuracy = try #require(found["accuracy"].flatMap { Double($0) })
            #expect(abs(accuracy - (0.75 + 0.5 + 0.5) / 3) < 1e-5)
            #expect(found["AUC"] == nil)
        }

        @Test
        func iterationsAreCounted() throws {
            let command = try Tool.run(
                [
                    "test", "--model", Golden.path("net_contrastive/train_val.prototxt"), "--weights",
                    Golden.path("net_contrastive/init.caffemodel"), "--iterations", "1",
                ], directory: Golden.directory.path)
            #expect(command.status == 0)
            #expect(command.standardOutput.contains("loss = 5.49094\n"))
            #expect(command.standardOutput.contains("pairs = 4 (3 matching, 1 not)"))
        }
    }
}
