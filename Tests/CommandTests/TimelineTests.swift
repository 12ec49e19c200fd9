import Foundation
import TestSupport
import Testing

extension CommandTests {
    /// `--timeline` under mpirun.
    struct TimelineTests {
        @Test
        func trainingIsShown() throws {
            let run = try GoldenRun(
                "net_contrastive",
                editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 9\ndisplay: 3\nsnapshot: 4") })
            let path = run.folder.file("traces/trace.json")
            let command = try Tool.run(
                [
                    "train", "--solver", run.solver, "--snapshot-prefix", run.prefix, "--timeline", path,
                    "--timeline-steps", "3",
                ], ranks: 2)
            #expect(command.status == 0, "\(command.standardError)")
            #expect(command.standardError.contains("Timeline of 3 steps written to \(path)"))
            let trace = try TraceFile.read(path)
            #expect(trace.ranks == [0, 1])
            #expect(trace.steps == [5, 6, 7], "five are left out")
            #expect(trace.faults() == [])
            for rank in 0...1 {
                #expect(trace.spans("snapshot", rank: rank, step: 7).count == 1)
                for step in 5...7 {
                    for kind in ["forward", "backward"] {
                        let names = trace.spans(kind, rank: rank, step: step).map(\.name)
                        #expect(Set(names).count == names.count)
                        for layer in ["conv1", "conv1_p", "fc7", "fc7_p"] {
                            #expect(names.contains("\(kind) \(layer)"))
                        }
                    }
                    #expect(!trace.spans("exchange", rank: rank, step: step).isEmpty)
                }
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: run.folder.file("traces"))
            #expect(names == ["trace.json"], "no temporary file is left")
        }

        @Test
        func timedStepsAreShown() throws {
            let folder = try ScratchDirectory("timeline")
            let path = folder.file("trace.json")
            let command = try Tool.run(
                [
                    "time", "--model", Golden.path("net_contrastive/train_val.prototxt"), "--iterations", "2",
                    "--timeline", path,
                ], ranks: 2)
            #expect(command.status == 0, "\(command.standardError)")
            let trace = try TraceFile.read(path)
            #expect(trace.ranks == [0, 1])
            #expect(trace.steps == [2, 3], "two to warm up")
            for rank in 0...1 {
                for step in 2...3 {
                    #expect(trace.spans("forward", rank: rank, step: step).contains { $0.name == "forward conv1" })
                    #expect(!trace.spans("exchange", rank: rank, step: step).isEmpty)
                }
            }
        }

        /// Each display says how fast it went, and Caffe's own lines are what they were.
        @Test
        func eachDisplaySaysTheSpeed() throws {
            let run = try GoldenRun(
                "net_contrastive", editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 3\ndisplay: 1") })
            let command = try Tool.run(
                ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix], ranks: 2)
            #expect(command.status == 0, "\(command.standardError)")
            let line =
                /\] Speed: ([.\d]+) pairs\/s, ([.\d]+) GFLOP\/s; waiting for data [.\d]+ %, exchange not hidden [.\d]+ % of the time/
            let speeds = command.standardError.matches(of: line)
            #expect(speeds.count == 3)
            for speed in speeds {
                #expect(Double(speed.1) ?? 0 > 0)
                #expect(Double(speed.2) ?? 0 > 0)
            }
        }
    }
}
