import CaffeProto
import Foundation
import TestSupport
import Testing

extension CommandTests {
    struct TrainCommandTests {
        private static func train(
            _ run: GoldenRun, _ more: [String] = [], ranks: Int? = nil, environment: [String: String] = [:]
        ) throws -> Command {
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix] + more, ranks: ranks,
                environment: environment)
            try #require(command.status == 0, "\(command.standardError)")
            return command
        }

        private static func run(_ more: String = "display: 1") throws -> GoldenRun {
            try GoldenRun(
                "net_softmax",
                editSolver: {
                    $0 = $0.replacing("max_iter: 20", with: "max_iter: 2\n\(more)")
                        .replacing("test_interval: 1000", with: "test_interval: 1")
                })
        }

        /// What Caffe's parse_log.py looks for in each line, and extract_seconds.py in the first columns.
        @Test
        func theLogIsReadByParseLog() throws {
            let log = try Self.train(try Self.run()).standardError
            let lines = log.split(separator: "\n").map(String.init)
            let stamped = /[IWE]\d{4} \d{2}:\d{2}:\d{2}\.\d{6} \d+ [\w+]+\.swift:\d+\] .*/
            #expect(lines.count > 10)
            for line in lines { #expect(line.wholeMatch(of: stamped) != nil, "\(line)") }
            #expect(lines.contains { $0.contains("Solving ") })
            let iterations = lines.compactMap { $0.firstMatch(of: /Iteration (\d+)/)?.1 }
            #expect(Set(iterations) == ["0", "1", "2"])
            let rates = lines.compactMap { $0.firstMatch(of: /lr = ([-+]?[0-9]*\.?[0-9]+([eE]?[-+]?[0-9]+)?)/)?.1 }
            #expect(rates == ["0.01", "0.01"])
            let train = lines.compactMap { $0.firstMatch(of: /Train net output #(\d+): (\S+) = ([\.\deE+-]+)/) }
            #expect(train.map { "\($0.1) \($0.2)" } == ["0 loss", "0 loss"])
            let test = lines.compactMap { $0.firstMatch(of: /Test net output #(\d+): (\S+) = ([\.\deE+-]+)/) }
            #expect(test.map { "\($0.1) \($0.2)" } == ["0 accuracy", "1 loss", "0 accuracy", "1 loss"])
            #expect(lines.last?.hasSuffix("] Optimization Done.") == true)
        }

        /// parse_log.sh cuts fixed columns with awk: test accuracy and loss $11, learning rate $9.
        @Test
        func theLogHasParseLogsColumns() throws {
            let lines = try Self.train(try Self.run()).standardError.split(separator: "\n")
            func column(_ number: Int, whereFound text: String) -> [Double?] {
                lines.filter { $0.contains(text) }.map { line in
                    let words = line.split(separator: " ")
                    return words.count >= number ? Double(words[number - 1]) : nil
                }
            }
            let accuracies = column(11, whereFound: "Test net output #0")
            #expect(accuracies.count == 2)
            #expect(accuracies.allSatisfy { $0 != nil })
            #expect(column(11, whereFound: "Test net output #1").allSatisfy { $0 != nil })
            #expect(column(9, whereFound: ", lr = ") == [0.01, 0.01])
        }

        @Test
        func metricsAreJSONLines() throws {
            let run = try Self.run()
            _ = try Self.train(run)
            let lines = try run.folder.text(of: "snap.metrics.jsonl").split(separator: "\n")
            let objects = try lines.map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            #expect(objects.compactMap { $0["phase"] as? String } == ["train", "test 0", "train", "test 0"])
            #expect(objects.compactMap { $0["iteration"] as? Int } == [0, 1, 1, 2])
            let keys = [
                "data_wait", "exchange", "gflops", "iteration", "learning_rate", "loss", "outputs", "pairs_per_second",
                "phase", "seconds", "section_seconds", "smoothed_loss",
            ]
            #expect(objects[0].keys.sorted() == keys)
            #expect(objects[1].keys.sorted() == ["iteration", "outputs", "phase"])
            #expect((objects[0]["pairs_per_second"] as? Double ?? 0) > 0)
            #expect((objects[0]["gflops"] as? Double ?? 0) > 0)
            let sections = try #require(objects[0]["section_seconds"] as? [String: Double])
            #expect(sections.keys.sorted() == ["backward", "data", "exchange", "forward", "others", "update"])
            #expect(sections.values.reduce(0, +) <= (objects[0]["seconds"] as? Double ?? 0), "one iteration")
            for share in ["data_wait", "exchange"] {
                #expect((0...1).contains(objects[0][share] as? Double ?? -1), "\(share)")
            }
        }

        /// mpirun passes no terminal on, so the progress line is asked for here.
        @Test
        func progressIsShownWhereWanted() throws {
            let on = try Self.train(try Self.run(), ["--progress", "on"]).standardError
            #expect(on.firstMatch(of: /iteration 2 of 2  loss [.\d]+  \d+ pairs\/s  0:00:00 left/) != nil)
            let off = try Self.train(try Self.run()).standardError
            #expect(!off.contains("pairs/s  0:"))
            #expect(!off.contains("\u{1b}"))
        }

        /// X_p and X end equal where they start equal and nothing moves them.
        @Test
        func towersStartAlike() throws {
            let run = try GoldenRun(
                "net_contrastive",
                editSolver: { $0 = $0.replacing("base_lr: 0.01", with: "base_lr: 0") + "snapshot_after_train: true\n" }
            )
            _ = try run.folder.write(
                "solver.prototxt",
                try run.folder.text(of: "solver.prototxt").replacing("snapshot_after_train: false\n", with: ""))
            _ = try Self.train(run, ["--start-alike", "_p=", "--max-iter", "1"])
            let alike = try Self.weights(run.prefix + "_iter_1.caffemodel")
            #expect(alike["conv1"] == alike["conv1_p"])
            #expect(alike["fc7"] == alike["fc7_p"])
            #expect(alike["conv1"] != nil)
            _ = try Self.train(run, ["--max-iter", "1"])
            let apart = try Self.weights(run.prefix + "_iter_1.caffemodel")
            #expect(apart["conv1"] == alike["conv1"], "the seed decides")
            #expect(apart["conv1"] != apart["conv1_p"])
        }

        private static func weights(_ path: String) throws -> [String: [Float]] {
            let reader = try CaffeModelReader(path)
            let layers = try (0..<reader.layerCount).map { try reader.layer($0) }.filter { !$0.blobs.isEmpty }
            return Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0.blobs[0].floats) })
        }

        /// From the golden folder everything is found as it is written; elsewhere `--root-folder` says where images are.
        @Test
        func pathsBeginWhereTheToolIsStarted() throws {
            let scratch = try ScratchDirectory("paths")
            let arguments = [
                "train", "--solver", Golden.path("net_contrastive/solver.prototxt"), "--max-iter", "1",
                "--snapshot-prefix", scratch.file("snap"),
            ]
            let here = try Tool.run(arguments, directory: Golden.directory.path)
            #expect(here.status == 0, "\(here.standardError)")
            let elsewhere = try Tool.run(arguments, directory: scratch.path)
            #expect(elsewhere.status == 1)
            let run = try GoldenRun("net_contrastive")
            try FileManager.default.removeItem(atPath: run.folder.file("net_contrastive/images"))
            let lost = try Tool.run(["train", "--solver", run.solver, "--max-iter", "1"])
            #expect(lost.status == 1)
            let found = try Tool.run(
                [
                    "train", "--solver", run.solver, "--max-iter", "1", "--snapshot-prefix", run.prefix,
                    "--root-folder", Golden.directory.path + "/",
                ], directory: scratch.path)
            #expect(found.status == 0, "\(found.standardError)")
        }

        @Test
        func weightsOfSeveralFiles() throws {
            let files = ["init", "snap_iter_10"].map { Golden.path("net_contrastive/\($0).caffemodel") }
            let run = try GoldenRun("net_contrastive", editSolver: { $0 += "display: 1\n" })
            let command = try Self.train(run, ["--weights", files.joined(separator: ","), "--max-iter", "1"])
            for file in files { #expect(command.standardError.contains("Weights from \(file): 14 layers loaded")) }
            let expected = try Golden.table("net_contrastive/losses.txt")[10][2]
            // Iteration 10 of the golden run begins its lists anew, so its weights meet the same pairs here.
            #expect(Compare.relativeMismatch("loss", try run.metrics().map { $0.loss ?? .nan }, [expected]) == nil)
        }

        /// The prototxt that the whole project answers, as it stands, on lists beside it: 107 million weights.
        @Test
        func theSeedTrainsUnchanged() throws {
            let folder = try ScratchDirectory("seed")
            for file in ["seed.prototxt", "train1.txt", "train2.txt", "test1.txt", "test2.txt", "images"] {
                try folder.link(file, to: Golden.path(file))
            }
            let solver = try folder.write(
                "solver.prototxt",
                """
                net: "seed.prototxt" base_lr: 0.00001 lr_policy: "fixed" momentum: 0.9 weight_decay: 0.0005
                max_iter: 1 display: 1 snapshot_after_train: false snapshot_prefix: "snap" random_seed: 1

                """)
            let command = try Tool.run(["train", "--solver", solver], timeout: 300, directory: folder.path)
            #expect(command.status == 0, "\(command.standardError)")
            let metrics = try MetricsLine.read(folder.file("snap.metrics.jsonl"))
            let loss = try #require(metrics.first?.loss)
            #expect(loss.isFinite && loss > 0)
            // With the last weights, Caffe's last line: a step so small makes it a little less.
            let last = try #require(command.standardError.firstMatch(of: /Iteration 1, loss = ([.\d]+)/))
            #expect(Double(last.1) ?? 0 > 0)
        }

        /// Images out of the cache train as decoded ones do; the log says how many were found there.
        @Test
        func theCacheChangesNothing() throws {
            let losses = try [nil, "10MB", "40kB"].map { size in
                let run = try Self.run("display: 1")
                let log = try Self.train(run, size.map { ["--cache", $0] } ?? []).standardError
                let found = log.contains(
                    /this rank's cache holds \d+ images in \d+ MB; [\d.]+ % of \d+ were found in it/)
                #expect(found == (size != nil))
                return try run.metrics().compactMap(\.loss)
            }
            #expect(losses[0].count == 2)
            #expect(losses[1] == losses[0] && losses[2] == losses[0])
        }

        /// Where oneDNN finds no bfloat16 arithmetic, or is told so, a sentence, and the same training as without the flag.
        @Test(arguments: [nil, 2])
        func lackOfBFloat16IsSaid(ranks: Int?) throws {
            let older = ["ONEDNN_MAX_CPU_ISA": "AVX2"]
            let trainings = try [[], ["--precision", "bf16"]].map { more in
                let run = try Self.run()
                let command = try Self.train(run, more, ranks: ranks, environment: older)
                return (log: command.standardError, losses: try run.metrics().compactMap(\.loss))
            }
            #expect(trainings[0].losses.count == 2)
            #expect(trainings[1].losses == trainings[0].losses)
            let said = trainings.map { $0.log.components(separatedBy: "has no bfloat16 arithmetic").count - 1 }
            #expect(said == [0, 1])
        }

        /// Both engines learn the same.
        @Test
        func enginesAgree() throws {
            let losses = try ["caffe", "dnnl"].map { engine in
                let run = try Self.run()
                _ = try Self.train(run, ["--engine", engine])
                return try run.metrics().compactMap(\.loss)
            }
            #expect(losses[0].count == 2)
            #expect(Compare.relativeMismatch("loss", losses[1], losses[0]) == nil)
        }
    }
}
