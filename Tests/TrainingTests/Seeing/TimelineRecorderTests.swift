import Comm
import Nets
import TestSupport
import Testing
import Training

/// What `--timeline` writes, with ranks as threads of this process.
struct TimelineRecorderTests {
    private struct Layers: Sendable {
        let forward: [String]
        let backward: [String]
    }

    private static func train(_ run: GoldenRun, ranks: Int, timeline: TimelineOptions) throws -> Layers {
        try ThreadCommunicator.run(ranks) { communicator in
            let log = RecordingLog()
            let plan = try run.plan(over: communicator, log: log) {
                $0.options.decodingThreads = 1
                $0.options.timeline = timeline
            }
            let trainer = try Trainer(plan, communicator: communicator, log: log.log)
            try trainer.run()
            #expect(trainer.net.timeline == nil, "nothing is noted any more")
            #expect(log.lines.contains("Timeline of \(timeline.steps) steps written to \(timeline.path)"))
            let steps = trainer.net.steps
            return Layers(
                forward: steps.map { "forward \($0.layer.name)" },
                backward: steps.filter(\.needsBackward).reversed().map { "backward \($0.layer.name)" })
        }[0]
    }

    private static func run() throws -> GoldenRun {
        try GoldenRun(
            "net_contrastive",
            editSolver: {
                $0 = $0.replacing("max_iter: 20", with: "max_iter: 4\nsnapshot: 2\ndisplay: 1")
                    .replacing("test_interval: 1000", with: "test_interval: 2")
            })
    }

    /// The last three of four steps, with the test and the snapshot between them.
    @Test
    func showsWhatEachRankDid() throws {
        let run = try Self.run()
        let path = run.folder.file("trace.json")
        let layers = try Self.train(run, ranks: 2, timeline: TimelineOptions(path: path, steps: 3))
        let trace = try TraceFile.read(path)
        #expect(trace.ranks == [0, 1])
        #expect(trace.names(of: "process_name").map { $0.prefix(8) } == ["rank 0 (", "rank 1 ("])
        for rank in 0...1 {
            #expect(trace.names(of: "thread_name", rank: rank) == ["compute", "communication"])
        }
        #expect(trace.steps == [1, 2, 3])
        #expect(Set(trace.spans.compactMap(\.args.step)) == [1, 2, 3])
        #expect(trace.faults() == [])
        for rank in 0...1 {
            for step in 1...3 {
                #expect(trace.spans("forward", rank: rank, step: step).map(\.name) == layers.forward)
                #expect(trace.spans("backward", rank: rank, step: step).map(\.name) == layers.backward)
                #expect(!trace.spans("exchange", rank: rank, step: step).isEmpty)
            }
            // The test at iteration 2 and the snapshot of it follow the step that was counted as 1.
            #expect(trace.spans("test", rank: rank, step: 1).map(\.name) == ["test net #0"])
            #expect(trace.spans("snapshot", rank: rank, step: 1).map(\.name) == ["snapshot iteration 2"])
        }
    }

    /// No rank ends an exchange before the others have begun it; so it must look by clocks that began apart.
    @Test
    func clocksAreAligned() throws {
        let run = try Self.run()
        let path = run.folder.file("trace.json")
        _ = try Self.train(run, ranks: 3, timeline: TimelineOptions(path: path, steps: 4))
        let trace = try TraceFile.read(path)
        let labels = trace.traceEvents.compactMap(\.args.labels)
        let errors = labels.compactMap { $0.firstMatch(of: /clock known to ([.\d]+) µs/)?.1 }.compactMap { Double($0) }
        try #require(errors.count == 2, "\(labels)")
        let slack = 2 * (errors.max() ?? 0) + 1
        for step in 0...3 {
            let ranks = (0...2).map { trace.spans("exchange", rank: $0, step: step) }
            #expect(Set(ranks.map { $0.map(\.name) }).count == 1)
            for index in ranks[0].indices {
                let (start, end) = (
                    ranks.map { $0[index].start }.max() ?? .nan, ranks.map { $0[index].end }.min() ?? .nan
                )
                #expect(start <= end + slack, "step \(step): \(ranks[0][index].name)")
            }
        }
    }

    /// A run of fewer steps than wanted shows all it has, with Caffe's last test and last loss.
    @Test
    func aShortRunIsShownWhole() throws {
        let run = try Self.run()
        let path = run.folder.file("trace.json")
        let log = RecordingLog()
        try run.train(log: log) { $0.options.timeline = TimelineOptions(path: path) }
        let trace = try TraceFile.read(path)
        #expect(trace.ranks == [0])
        #expect(trace.steps == [0, 1, 2, 3])
        #expect(trace.spans("forward", rank: 0, step: 4).count == trace.spans("forward", rank: 0, step: 3).count)
        #expect(trace.spans("test", rank: 0, step: 4).count == 1)
        #expect(trace.spans.allSatisfy { $0.tid == 0 }, "a world of one exchanges nothing")
        #expect(log.lines.contains("Timeline of 4 steps written to \(path)"))
    }

    /// Found out before the first step.
    @Test
    func aFileThatCannotBeWrittenIsRefused() throws {
        let run = try Self.run()
        let log = RecordingLog()
        #expect(throws: RunFault.self) {
            try run.train(log: log) {
                $0.options.timeline = TimelineOptions(path: run.solver + "/trace.json")
            }
        }
        #expect(!log.lines.contains { $0.hasPrefix("Iteration 0") })
    }

    @Test
    func nothingIsNotedUnasked() throws {
        let trainer = try Self.run().train()
        #expect(trainer.net.timeline == nil)
    }
}
