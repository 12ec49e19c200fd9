import Comm
import Nets
import TestSupport
import Testing
import Training

@Suite struct DeterministicOptionsTests {
    private static func refusal(_ edit: (inout TrainingPlan.Request) -> Void, solver: String = "") throws -> String {
        let run = try GoldenRun("net_contrastive", editSolver: { $0 += "display: 1\n\(solver)\n" })
        let error = #expect(throws: NetError.self) {
            try run.plan { request in
                request.options.deterministic = DeterministicOptions()
                edit(&request)
            }
        }
        return error?.description ?? ""
    }

    @Test func whatWouldDependOnTheNumberOfRanksIsRefused() throws {
        #expect(try Self.refusal { $0.options.exchange.method = .sharded }.contains("leave out --exchange sharded"))
        #expect(try Self.refusal { $0.options.exchange.wire = .bf16 }.contains("leave out --wire bf16"))
        #expect(try Self.refusal { $0.options.placement = .split }.contains("leave out --placement split"))
        #expect(try Self.refusal { $0.options.batchPerRank = true }.contains("--batch-per-rank"))
        #expect(
            try Self.refusal({ _ in }, solver: "iter_size: 2").contains("the solver's iter_size is 2, must be 1"))
        #expect(
            try Self.refusal { $0.options.deterministic?.microBatch = 3 }
                == "--micro-batch 3 must divide batch_size 8; give 1, 2, 4 or 8")
    }

    /// Statistics of a micro-batch would not be those of the batch.
    @Test func layersThatAskTheWholeBatchAreRefused() throws {
        let layers = [
            #"layer { name: "ask" type: "BatchNorm" bottom: "x" top: "y" }"#,
            #"layer { name: "ask" type: "SoftmaxWithLoss" bottom: "x" bottom: "l" top: "y" loss_param { ignore_label: 1 } }"#,
            #"layer { name: "ask" type: "Accuracy" bottom: "x" bottom: "l" top: "y" accuracy_param { ignore_label: 1 } }"#,
            #"layer { name: "ask" type: "Accuracy" bottom: "x" bottom: "l" top: "y" top: "each" }"#,
        ]
        for layer in layers {
            let text = TestNet.input("x", [2, 4]) + TestNet.input("l", [2]) + layer
            #expect(throws: Never.self) { _ = try Self.net(text, wholeShard: nil) }
            let error = #expect(throws: NetError.self) { _ = try Self.net(text, wholeShard: 0..<4) }
            #expect(error?.description.contains("ask") == true)
            #expect(error?.description.contains("needs sums over the whole batch") == true)
        }
    }

    private static func net(_ text: String, wholeShard: Range<Int>?) throws -> Net {
        try TestNet.make(
            text, NetContext(phase: .train, globalBatch: 8, shard: 0..<2, wholeShard: wholeShard))
    }

    @Test func processorsMustBeOfOneKind() throws {
        let outcomes = try ThreadCommunicator.run(2) { communicator in
            try DeterministicOptions.checkProcessors(over: communicator)
            return true
        }
        #expect(outcomes == [true, true])
        let error = #expect(throws: PeerError.self) {
            try ThreadCommunicator.run(2) { communicator in
                try DeterministicOptions.checkProcessors(
                    "model name : Zen \(3 + communicator.rank)\nflags : avx", over: communicator)
            }
        }
        #expect(error?.message.contains("has Zen 3 and") == true)
        #expect(error?.message.contains("has Zen 4, with other abilities") == true)
    }
}
