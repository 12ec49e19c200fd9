import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct TensorBoardTests {
        /// What `tensorboard_events.py` prints.
        private struct Events: Decodable {
            let scalars: [String: [[Double]]]
            let histograms: [String: [[Double]]]
        }

        private static func read(_ folder: String) throws -> Events {
            let result = try Python.run("tensorboard_events.py", [folder])
            try #require(result.status == 0, "\(result.standardError)")
            return try JSONDecoder().decode(Events.self, from: Data(result.standardOutput.utf8))
        }

        private static func run() throws -> GoldenRun {
            try GoldenRun(
                "net_contrastive",
                editSolver: {
                    $0 = $0.replacing("test_interval: 1000", with: "test_interval: 10\ndisplay: 5\nsnapshot: 10")
                })
        }

        @Test(arguments: [nil, 2] as [Int?])
        func tensorboardReadsWhatTheMetricsFileHas(ranks: Int?) throws {
            let run = try Self.run()
            let folder = run.folder.file("events")
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--tensorboard", folder],
                ranks: ranks,
                directory: run.folder.path)
            try #require(command.status == 0, "\(command.standardError)")
            let events = try Self.read(folder)
            let lines = try String(contentsOfFile: run.prefix + ".metrics.jsonl", encoding: .utf8)
                .split(separator: "\n").map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
            let training = lines.filter { $0["phase"] as? String == "train" }
            for (field, tag) in [
                ("loss", "total_loss"), ("smoothed_loss", "smoothed_loss"), ("learning_rate", "learning_rate"),
                ("pairs_per_second", "pairs_per_second"),
            ] {
                let expected = training.map { [$0["iteration"] as? Double ?? -1, Self.float($0[field])] }
                // The metrics file has fewer digits.
                let found = try #require(events.scalars["train/\(tag)"], "\(tag)")
                #expect(found.count == expected.count, "\(tag)")
                for (found, expected) in zip(found, expected) {
                    #expect(found[0] == expected[0], "\(tag)")
                    #expect(abs(found[1] - expected[1]) <= 1e-6 * abs(expected[1]), "\(tag)")
                }
            }
            let tests = lines.filter { $0["phase"] as? String == "test 0" }
            #expect(tests.count == 2)
            let expected = tests.map { line in
                [line["iteration"] as? Double ?? -1, Self.float((line["outputs"] as? [String: [Double]])?["loss"]?[0])]
            }
            #expect(events.scalars["test 0/loss"] == expected)
            // Three batches of four pairs, embeddings of 16 values.
            #expect(events.histograms.keys.sorted() == ["test 0/fc7", "test 0/fc7_p"])
            for (_, found) in events.histograms {
                #expect(found.map { $0[0] } == [10, 20])
                #expect(found.allSatisfy { $0[1] == 192 && $0[4] == 192 })
                #expect(found.allSatisfy { $0[2] < $0[3] })
            }
        }

        /// As in TensorBoard's files.
        private static func float(_ value: Any?) -> Double { (value as? Double).map { Double(Float($0)) } ?? .nan }

        @Test
        func resumedRunAddsAFile() throws {
            let run = try Self.run()
            let folder = run.folder.file("events")
            for arguments in [["--max-iter", "10"], ["--resume"]] {
                let command = try Tool.run(
                    ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--tensorboard", folder]
                        + arguments,
                    directory: run.folder.path)
                try #require(command.status == 0, "\(command.standardError)")
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names.count == 2)
            #expect(names.allSatisfy { $0.wholeMatch(of: /events\.out\.tfevents\.\d{10}\..+\.\d+/) != nil })
            let steps = try #require(try Self.read(folder).scalars["train/total_loss"]).map { $0[0] }
            #expect(steps == [0, 5, 10, 15])
        }

        /// The steps of a run that has gone further than the snapshot, as one does that crashes, are not shown twice.
        @Test
        func resumedRunReplacesWhatCameAfterItsSnapshot() throws {
            let run = try Self.run()
            let folder = run.folder.file("events")
            // As far as 20, and from the snapshot of 10 on once more.
            for arguments in [[], ["--snapshot", run.prefix + "_iter_10.solverstate"]] {
                let command = try Tool.run(
                    ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--tensorboard", folder]
                        + arguments,
                    directory: run.folder.path)
                try #require(command.status == 0, "\(command.standardError)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
            let events = try Self.read(folder)
            #expect(try #require(events.scalars["train/total_loss"]).map { $0[0] } == [0, 5, 10, 15])
            #expect(try #require(events.scalars["test 0/loss"]).map { $0[0] } == [10, 20])
            #expect(events.histograms.values.allSatisfy { $0.map { $0[0] } == [10, 20] })
        }

        /// Before the first iteration, and not in the middle of the night.
        @Test
        func folderThatCannotBeMadeEndsTheStart() throws {
            let run = try Self.run()
            let command = try Tool.run(
                [
                    "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--tensorboard",
                    "\(run.solver)/events",
                ],
                directory: run.folder.path)
            #expect(command.status == 1)
            #expect(command.errors[0].hasPrefix("can't make the directory \(run.solver)/events"))
        }
    }
}
