package import Comm
import Foundation
import Tensors

/// Looks at everything that a training would need, and changes nothing.
package enum Doctor {
    /// The report on rank zero, nil on the others.
    ///
    /// Collective. What is wrong with a host or a file becomes a finding; only what MPI itself reports is thrown.
    package static func examine(
        _ request: DoctorRequest, over communicator: any Communicator
    ) throws -> DoctorReport? {
        let job = try JobFacts.gather(version: request.version, wantedThreads: request.threads, over: communicator)
        let obstacles = try SharedMemoryExamination.measure(over: communicator)
        let clocks = try ClockExamination.measure(over: communicator)
        let inputs = try InputExamination.measure(request, over: communicator)
        let training = try Training(request, over: communicator)
        let network = request.isQuick || communicator.size == 1 ? nil : try NetworkMeasurement.run(over: communicator)
        guard let job else { return nil }
        var sections = [
            CoreExamination.examine(job), ProcessorExamination.examine(job), LauncherExamination.examine(job),
            LimitExamination.examine(job), SharedMemoryExamination.examine(job, obstacles: obstacles),
            ClockExamination.examine(job, offsets: clocks), MemoryExamination.examine(job, demand: training.memory),
        ]
        if request.subject != nil { sections.append(InputExamination.examine(inputs)) }
        sections += training.sections
        if let network { sections += NetworkExamination.examine(job, network) }
        return DoctorReport(sections: sections, ranks: job.ranks, memory: training.memory, network: network)
    }

    /// What rank zero alone can say of a training.
    private struct Training {
        var memory: MemoryDemand?
        var sections: [Section] = []

        /// Collective.
        init(_ request: DoctorRequest, over communicator: any Communicator) throws {
            guard request.subject != nil else { return }
            let program = Machine.peakResidentBytes
            let model = try ExchangeModel.measure(over: communicator)
            var definitions: Definitions?
            // Where they can't be read, the lists' examination says so.
            if communicator.isRankZero { definitions = try? Definitions(request) }
            if let definitions, !definitions.phases.isEmpty {
                do {
                    memory = try MemoryDemand(
                        definitions, request.options, program: program, model: model)
                } catch {
                    sections.append(
                        Section("Net", findings: [.problem("net", "\(error)", mend: "mend the definition")]))
                }
            }
            var prefix = [UInt8]((definitions?.snapshotPrefix ?? "").utf8)
            try communicator.broadcast(&prefix)
            guard !prefix.isEmpty else { return }
            let facts = try SnapshotFacts.measure(
                prefix: String(decoding: prefix, as: UTF8.self), over: communicator)
            guard let facts else { return }
            let plan = definitions?.settings.flatMap { settings in
                memory.map { SnapshotExamination.Plan(settings, bytes: $0.snapshot) }
            }
            sections.append(SnapshotExamination.examine(facts, plan))
        }
    }
}
