import Comm
import Nets
import TestSupport
import Testing
import Training

@Suite struct ExchangePlanTests {
    /// fc: 400 × 300 = 120,000 weights, seen by 4 samples of 300 values.
    private func net(weights name: String = "") throws -> Net {
        let param = name.isEmpty ? "" : #"param { name: "w" } param { name: "b" }"#
        return try TestNet.make(
            TestNet.input("x", [4, 300]) + TestNet.input("y", [4, 300]) + TestNet.input("t", [4, 400])
                + """
                layer { name: "fc" type: "InnerProduct" bottom: "x" top: "h" \(param)
                  inner_product_param { num_output: 400 weight_filler { type: "xavier" } } }
                layer { name: "fc_p" type: "InnerProduct" bottom: "y" top: "h_p" \(param)
                  inner_product_param { num_output: 400 weight_filler { type: "xavier" } } }
                layer { name: "loss" type: "EuclideanLoss" bottom: "h" bottom: "t" top: "l" }
                layer { name: "loss_p" type: "EuclideanLoss" bottom: "h_p" bottom: "t" top: "l_p" }
                """)
    }

    private func model(ranks: Int, bandwidth: Double) -> ExchangeModel {
        ExchangeModel(ranks: ranks, latency: 1e-5, bandwidth: bandwidth, multiplyAdds: 5e10, memory: 2e10)
    }

    private func methods(_ plan: ExchangePlan) -> [String] {
        plan.lines.map { "\($0.name) \($0.followsFactors ? "follows" : $0.method.rawValue)" }
    }

    @Test func slowNetworksGatherFactorsAndFastOnesSum() throws {
        let slow = ExchangePlan(
            for: try net(), subBatches: 1, options: ExchangeOptions(), model: model(ranks: 2, bandwidth: 1e7))
        #expect(methods(slow) == ["fc[0] factors", "fc[1] follows", "fc_p[0] factors", "fc_p[1] follows"])
        // Half of 4 samples × (400 + 300) floats for each layer.
        #expect(slow.bytesSent == 2 * 2 * 700 * 4)
        let fast = ExchangePlan(
            for: try net(), subBatches: 1, options: ExchangeOptions(), model: model(ranks: 2, bandwidth: 1e10))
        #expect(Set(fast.lines.map(\.method)) == [.allReduce])
        #expect(fast.bytesSent == 2 * (120_000 + 400) * 4)
    }

    /// On another processor a product differs in its last bits, and weights would drift apart.
    @Test func differentProcessorsTakeNoFactors() throws {
        var mixed = model(ranks: 2, bandwidth: 1e7)
        mixed.isUniform = false
        let plan = ExchangePlan(for: try net(), subBatches: 1, options: ExchangeOptions(), model: mixed)
        #expect(!plan.lines.contains { $0.method == .factors })
        #expect(plan.summary.contains("ranks have different processors, so auto takes no factors"))
    }

    @Test func aMethodThatIsAskedForHoldsWhereItCan() throws {
        let plan = ExchangePlan(
            for: try net(), subBatches: 1, options: ExchangeOptions(method: .sharded),
            model: model(ranks: 4, bandwidth: 1e9))
        #expect(Set(plan.lines.map(\.method)) == [.sharded])
        let factors = ExchangePlan(
            for: try net(), subBatches: 1, options: ExchangeOptions(method: .factors),
            model: model(ranks: 4, bandwidth: 1e9))
        #expect(methods(factors) == ["fc[0] factors", "fc[1] follows", "fc_p[0] factors", "fc_p[1] follows"])
    }

    @Test func sharedTowersJoinTheirFactors() throws {
        let plan = ExchangePlan(
            for: try net(weights: "w"), subBatches: 2, options: ExchangeOptions(method: .factors),
            model: model(ranks: 2, bandwidth: 1e9))
        #expect(methods(plan) == ["fc[0] factors", "fc[1] follows"])
        // Two towers, two sub-batches.
        #expect(plan.bytesSent == 2 * 2 * 2 * 700 * 4)
    }

    @Test func whatASnapshotRemembersWinsOverTheModel() throws {
        let plan = ExchangePlan(
            for: try net(), subBatches: 1, options: ExchangeOptions(), model: model(ranks: 2, bandwidth: 1e7),
            fixed: ["fc[0]": .allReduce, "fc[1]": .allReduce])
        #expect(methods(plan) == ["fc[0] allreduce", "fc[1] allreduce", "fc_p[0] factors", "fc_p[1] follows"])
        #expect(plan.methods["fc_p[1]"] == .factors)
    }

    @Test func measuringFindsNumbers() throws {
        let models = try ThreadCommunicator.run(2) { try ExchangeModel.measure(over: $0) }
        #expect(models[0].bandwidth == models[1].bandwidth && models[0].memory == models[1].memory)
        for model in models {
            #expect(model.ranks == 2 && model.latency > 0 && model.bandwidth > 1e6)
            #expect(model.multiplyAdds > 1e8 && model.memory > 1e8)
        }
    }
}
