import Comm
import Foundation
import TestSupport
import Testing
import Training

/// Ranks that are not about the same training end with one message that names the odd one out.
@Suite(.timeLimit(.minutes(5))) struct AgreementTests {
    private static let ranks = 3

    /// A net of its own for each rank; `edit` changes what the odd one reads.
    private static func runs(odd: Int, _ edit: (GoldenRun) throws -> Void) throws -> [GoldenRun] {
        try (0..<ranks).map { rank in
            let run = try GoldenRun(
                "net_contrastive", editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 2") })
            if rank == odd { try edit(run) }
            return run
        }
    }

    private static func replace(_ old: String, _ new: String, in file: String, of run: GoldenRun) throws {
        let text = try run.folder.text(of: file)
        try #require(text.contains(old))
        try FileManager.default.removeItem(atPath: run.folder.file(file))
        try run.folder.write(file, text.replacing(old, with: new, maxReplacements: 1))
    }

    /// What all ranks are told.
    private static func message(
        _ runs: [GoldenRun], edit: @escaping @Sendable (Int, inout TrainingPlan.Request) -> Void = { _, _ in }
    ) throws -> String {
        let messages = try ThreadCommunicator.run(ranks) { communicator in
            let error = #expect(throws: PeerError.self) {
                let plan = try runs[communicator.rank].plan(over: communicator) {
                    $0.options.decodingThreads = 1
                    edit(communicator.rank, &$0)
                }
                try Trainer(plan, communicator: communicator, log: RecordingLog().log).run()
            }
            return error?.message ?? ""
        }
        #expect(Set(messages).count == 1)
        return messages[0]
    }

    @Test(arguments: [0, 1, 2])
    func aSolver(odd: Int) throws {
        let runs = try Self.runs(odd: odd) {
            try Self.replace("base_lr: 0.01", "base_lr: 0.02", in: "solver.prototxt", of: $0)
        }
        let message = try Self.message(runs)
        #expect(message.hasPrefix("ranks do not agree on the solver: rank \(odd) ("))
        #expect(message.contains("has\n    base_lr: 0.02\nwhere 2 ranks have\n    base_lr: 0.01\n"))
    }

    @Test func aNet() throws {
        let runs = try Self.runs(odd: 1) {
            try Self.replace("num_output: 64", "num_output: 63", in: "net_contrastive/train_val.prototxt", of: $0)
        }
        let message = try Self.message(runs)
        #expect(message.hasPrefix("ranks do not agree on the TRAIN net: rank 1 ("))
        #expect(message.contains("… name: \"fc6\" … num_output: 63  (\(runs[1].net("net_contrastive")))"))
    }

    @Test func aTestNet() throws {
        let runs = try Self.runs(odd: 1) {
            try Self.replace("batch_size: 4", "batch_size: 5", in: "net_contrastive/train_val.prototxt", of: $0)
        }
        #expect(try Self.message(runs).hasPrefix("ranks do not agree on TEST net #0: rank 1 ("))
    }

    @Test(arguments: ["train2.txt", "test1.txt"])
    func aList(file: String) throws {
        let runs = try Self.runs(odd: 2) {
            try Self.replace("_a.jpg", "_b.jpg", in: "net_contrastive/\(file)", of: $0)
        }
        let message = try Self.message(runs)
        let phase = file == "train2.txt" ? "the TRAIN pairs" : "the pairs of TEST net #0"
        #expect(message.hasPrefix("ranks do not agree on \(phase): rank 2 ("))
        let names = file == "train2.txt" ? "train1.txt and train2.txt" : "test1.txt and test2.txt"
        #expect(message.contains("pairs with the fingerprint "))
        #expect(message.contains("  (\(names))\nwhere 2 ranks have\n"))
    }

    @Test func anOption() throws {
        let message = try Self.message(try Self.runs(odd: -1) { _ in }) { rank, request in
            if rank == 1 { request.options.precision = .bf16 }
        }
        #expect(message.contains("rank 1"))
        #expect(message.contains("has\n    --precision bf16\nwhere 2 ranks have\n    --precision float32\n"))
    }

    /// The same files in other places are the same.
    @Test func placesMayDiffer() throws {
        let runs = try Self.runs(odd: 1) {
            for (old, new) in [("train1", "elsewhere/one"), ("train2", "elsewhere/two")] {
                try Self.replace("\"\(old).txt\"", "\"\(new).txt\"", in: "net_contrastive/train_val.prototxt", of: $0)
                try $0.folder.link("net_contrastive/\(new).txt", to: Golden.path("\(old).txt"))
            }
        }
        _ = try ThreadCommunicator.run(Self.ranks) { communicator in
            let plan = try runs[communicator.rank].plan(over: communicator) { $0.options.decodingThreads = 1 }
            _ = try Trainer(plan, communicator: communicator, log: RecordingLog().log)
        }
    }

    // MARK: Weights

    /// A bit of one weight turns over on a rank behind the first step; what is compared when is up to the options.
    private static func flip(
        ranks: Int, on odd: Int, every: Int, exchange: ExchangeMethod? = nil, placement: TowerPlacement = .both
    ) throws -> [String?] {
        let run = try GoldenRun(
            "net_contrastive",
            editSolver: {
                $0 = $0.replacing("max_iter: 20", with: "max_iter: 4").replacing("test_iter: 3", with: "")
            })
        return try ThreadCommunicator.run(ranks) { communicator in
            let plan = try run.plan(over: communicator) {
                $0.options.decodingThreads = 1
                $0.options.watch.verifyEvery = every
                $0.options.exchange.method = exchange
                $0.options.placement = placement
                $0.snapshotPrefix = run.prefix
            }
            let trainer = try Trainer(plan, communicator: communicator, log: RecordingLog().log)
            if communicator.rank == odd, let blob = trainer.net.parameters.parameters.last?.blob {
                blob.copyData(from: [Float(bitPattern: blob.dataArray[0].bitPattern ^ 1)] + blob.dataArray.dropFirst())
            }
            do {
                try trainer.run()
                return nil
            } catch let fault as RunFault {
                return (fault.cause as? PeerError)?.message
            }
        }
    }

    @Test(arguments: [nil, .allReduce, .factors] as [ExchangeMethod?])
    func aWeight(exchange: ExchangeMethod?) throws {
        let messages = try Self.flip(ranks: 3, on: 1, every: 2, exchange: exchange)
        #expect(Set(messages).count == 1)
        let message = try #require(messages[0])
        #expect(message.hasPrefix("ranks do not agree on the weights fc7_p[1]: rank 1 ("))
        #expect(message.contains("has\n    16 with the fingerprint "))
        #expect(message.contains("where 2 ranks have\n"))
    }

    /// The rank that updates a part gives it to all.
    @Test func aWeightThatIsShared() throws {
        #expect(try Self.flip(ranks: 3, on: 1, every: 2, exchange: .sharded) == [nil, nil, nil])
    }

    @Test func aTowersWeight() throws {
        let messages = try Self.flip(ranks: 4, on: 3, every: 1, placement: .split)
        #expect(Set(messages).count == 1)
        #expect(try #require(messages[0]).hasPrefix("ranks do not agree on the weights fc7_p[1]: rank 3 ("))
    }

    @Test func nothingIsComparedThatNobodyWants() throws {
        #expect(try Self.flip(ranks: 2, on: 1, every: 0) == [nil, nil])
        #expect(try Self.flip(ranks: 2, on: -1, every: 1) == [nil, nil])
    }
}
