import Comm
import TestSupport
import Testing
import Training

struct MemoryExaminationTests {
    /// 8 GB are free on each made-up host.
    private static func examine(_ gigabytes: Int, slots: [Int] = [2, 2]) throws -> [Finding] {
        var demand = MemoryDemand(program: 50_000_000)
        demand.layers = gigabytes * 1_000_000_000
        demand.snapshot = 1_000_000_000
        return MemoryExamination.examine(try MadeUpJob.make(slots), demand: demand).findings
    }

    @Test
    func theHostIsNamed() throws {
        #expect(try Self.examine(3).complaints == [])
        // Rank zero's host needs the copy of the snapshot as well.
        let tight = try Self.examine(4)
        #expect(
            tight.complaints.map { [$0.host, $0.verdict.rawValue] } == [["node1", "problem"], ["node2", "warning"]])
        #expect(tight.complaints[0].found == "9,000 MB are needed by its 2 rank(s), 8,192 MB are free")
        #expect(try Self.examine(3, slots: [1, 3]).complaints.map(\.host) == ["node2"])
    }

    /// Of two of the golden net's ranks: each has half of the batch, and all of the weights.
    @Test
    func aNetIsCounted() throws {
        var request = DoctorRequest()
        let run = try GoldenRun("net_contrastive")
        defer { withExtendedLifetime(run) {} }
        request.subject = .solver(run.solver)
        let definitions = try Definitions(request)
        // Without measured kernels, whatever this machine remembers.
        request.options.measuresKernels = false
        func model(_ ranks: Int) -> ExchangeModel {
            ExchangeModel(ranks: ranks, latency: 1e-4, bandwidth: 1e8, multiplyAdds: 1e11, memory: 1e10)
        }
        let demands = try [1, 2].map {
            try MemoryDemand(definitions, request.options, program: 0, model: model($0))
        }
        #expect(demands[0].parameters > 0 && demands[0].layers > 0 && demands[0].tests > 0)
        #expect(demands[0].parameters == demands[1].parameters)
        // Weights, gradients, momentum; a snapshot has no gradients.
        let weights = demands[0].snapshot / 2
        #expect(demands[0].parameters > 2 * weights && demands[0].parameters <= 3 * weights)
        // Two batches of 8 and two of 4 pairs of 64 × 64.
        #expect(demands[0].loader == 2 * 4 * (8 + 4) * (2 * 3 * 64 * 64 + 2))
        #expect(demands[1].loader == demands[0].loader / 2)
        #expect(demands[1].layers < demands[0].layers)
        request.options.batchPerRank = true
        let whole = try MemoryDemand(definitions, request.options, program: 0, model: model(2))
        #expect(whole.layers == demands[0].layers)
    }
}
