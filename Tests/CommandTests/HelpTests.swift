import TestSupport
import Testing

extension CommandTests {
    struct HelpTests {
        private static let compute = ["--engine", "--precision", "--threads"]
        private static let input = ["--root-folder", "--decoding-threads", "--fast-decode", "--cache", "--max-pixels"]
        private static let bad = ["--bad-image", "--max-bad"]

        @Test(arguments: [
            (
                "train",
                [
                    "--solver", "--weights", "--map", "--snapshot", "--resume", "--start-alike", "--max-iter",
                    "--snapshot-prefix", "--batch-per-rank", "--progress", "--no-lint", "--timeline",
                    "--timeline-steps", "--snapshot-keep", "--snapshot-seconds", "--allow-changed", "--verify-every",
                ] + input + bad + compute
            ),
            ("test", ["--model", "--weights", "--map", "--iterations"] + input + bad + compute),
            (
                "evaluate",
                [
                    "--model", "--weights", "--map", "--list1", "--list2", "--identities", "--validation1",
                    "--validation2", "--threshold", "--metrics", "--bootstrap", "--worst", "--output",
                    "--stall-timeout", "--progress",
                ] + input + bad + compute
            ),
            (
                "embed",
                ["--model", "--weights", "--map", "--tower", "--list", "--output", "--blob", "--progress"] + input + bad
                    + compute
            ),
            (
                "compare",
                [
                    "<pictures>", "--model", "--weights", "--map", "--list1", "--list2", "--stdin", "--calibration",
                    "--threshold", "--prior", "--json",
                ] + input + compute
            ),
            (
                "verify",
                ["--model", "--weights", "--map", "--list", "--calibration", "--threshold", "--json", "--progress"]
                    + input + bad + compute
            ),
            (
                "search",
                [
                    "--index", "--queries", "-k", "--match", "--metric", "--exclude-self", "--output", "--sheet",
                    "--root-folder", "--progress", "--threads",
                ]
            ),
            ("export", ["--model", "--weights", "--map", "--tower", "--blob", "--caffe", "--onnx"]),
            ("summary", ["--model", "--phase", "--ranks"] + compute),
            ("time", ["--model", "--phase", "--iterations", "--timeline"] + compute),
            ("feed", ["--model", "--phase", "--seconds", "--json"] + input),
            (
                "doctor",
                ["--solver", "--model", "--snapshot-prefix", "--batch-per-rank", "--quick", "--json"] + input + compute
            ),
            (
                "calibrate",
                [
                    "--model", "--weights", "--map", "--list1", "--list2", "--identities", "--enrol", "--tower",
                    "--background", "--output", "--seed", "--progress",
                ] + input + bad + compute
            ),
            ("check", []), ("upgrade", ["<in>", "<out>"]),
            (
                "pack",
                ["--output", "--height", "--width", "--gray", "--root-folder", "--check", "--threads", "--max-pixels"]
            ),
            (
                "pairs",
                [
                    "<images>", "--folder1", "--folder2", "--check-content", "--no-file-check", "--split",
                    "--identities-of", "--exclude", "--genuine", "--impostors", "--matching-only", "--exhaustive",
                    "--max-pairs", "--output", "--root", "--force", "--seed", "--progress", "--hard-negatives",
                    "--hard-share", "--hard-skip", "--model", "--weights", "--map",
                ] + compute
            ),
            (
                "check-data",
                [
                    "<lists>", "--test", "--model", "--solver", "--root-folder", "--threads", "--examples", "--report",
                    "--json", "--progress", "--max-pixels",
                ]
            ),
        ])
        func everyFlagIsExplained(command: String, flags: [String]) throws {
            let help = try Tool.run([command, "--help"])
            #expect(help.status == 0)
            #expect(help.standardOutput.contains("OVERVIEW: "))
            for flag in flags {
                let lines = help.standardOutput.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
                let at = try #require(lines.firstIndex { $0.hasPrefix(flag) }, "\(flag)")
                let line = lines[at].dropFirst(flag.count).drop { $0 != " " }
                #expect(line.count > 10 || lines[at + 1].count > 10, "\(flag) has no explanation")
            }
        }

        @Test
        func theToolNamesItsCommands() throws {
            let help = try Tool.run(["--help"])
            #expect(help.status == 0)
            for command in [
                "train", "test", "summary", "time", "feed", "pairs", "pack", "check-data", "check", "doctor", "upgrade",
                "embed", "evaluate", "calibrate", "compare", "verify", "search", "export",
            ] {
                #expect(help.standardOutput.contains("\n  \(command) "))
            }
        }

        /// What is wrong with the command line itself: a sentence on standard error and no training.
        @Test(arguments: [
            ["train"], ["train", "--solver", "a", "--max-iter", "0"], ["train", "--solver", "a", "--engine", "cuda"],
            ["train", "--solver", "a", "--precision", "fp8"],
            ["train", "--solver", "a", "--precision", "bf16", "--engine", "CAFFE"],
            ["train", "--solver", "a", "--snapshot", "b", "--weights", "b"],
            ["train", "--solver", "a", "--resume", "--map", "_p="],
            ["tarin"], ["upgrade", "a"],
            ["time", "--model", "a", "--threads", "0"], ["feed", "--model", "a", "--seconds", "0"],
            ["train", "--solver", "a", "--cache", "2"], ["feed", "--model", "a", "--cache", "-1GB"],
            ["train", "--solver", "a", "--timeline-steps", "9"], ["train", "--solver", "a", "--verify-every", "-1"],
            ["train", "--solver", "a", "--timeline", "b", "--timeline-steps", "0"],
            ["train", "--solver", "a", "--max-bad", "1"], ["feed", "--model", "a", "--max-pixels", "0"],
            ["check-data"], ["check-data", "a", "--model", "b"], ["check-data", "--model", "b", "--test", "a"],
            ["doctor", "--solver", "a", "--model", "b"], ["doctor", "--snapshot-prefix", "a"],
            ["pairs", "a"], ["pairs", "--output", "a"], ["pairs", "a", "--folder1", "b", "--output", "c"],
            ["pairs", "a", "--output", "b", "--split", "x=0"], ["pairs", "a", "--output", "b", "--exhaustive", "x"],
            ["pairs", "a", "--output", "b", "--identities-of", "test"],
            ["pairs", "a", "--output", "b", "--split", "test=1", "--identities-of", "test=c"],
            ["pairs", "a", "--output", "b", "--split", "x=1", "--matching-only"],
            ["pairs", "a", "--output", "b", "--genuine", "0"], ["pairs", "a", "--output", "b", "--impostors", "-1"],
            ["pairs", "a", "--output", "b", "--hard-negatives", "5"],
            [
                "pairs", "a", "--output", "b", "--hard-negatives", "5", "--model", "c", "--weights", "d", "--impostors",
                "0",
            ],
            ["pairs", "a", "--output", "b", "--hard-share", "2"],
            ["pairs", "a", "--output", "b", "--no-file-check", "--exclude", "c"],
            ["pack", "a", "--output", "b"], ["pack", "a", "--check", "b"],
        ])
        func wrongFlagsAreRefused(arguments: [String]) throws {
            let command = try Tool.run(arguments)
            #expect(command.status != 0)
            #expect(command.standardOutput == "")
            #expect(command.standardError.contains("Error: "))
        }
    }
}
