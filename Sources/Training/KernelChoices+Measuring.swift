package import Comm
import Foundation
package import Nets
import Tensors

extension KernelChoices {
    /// The kernels that are fastest for a net here: rank zero measures, or remembers, and all ranks do the same.
    ///
    /// Collective. Some two seconds for a large net, on rank zero's part of the batch; nothing once it is remembered, or
    /// where layers are small; nothing either with `--deterministic`, where kernels are chosen by rule. What differs from the defaults is said in one line.
    ///
    /// - Parameter cache: the folder in which rank zero remembers.
    package static func measure(
        for definition: PhaseNet, options: RunOptions, communicator: any Communicator, log: TrainingLog,
        cache: String = KernelMemory.folder
    ) throws -> KernelChoices {
        guard options.measuresKernels, options.engine == .dnnl, options.precision == .float32 else {
            return options.kernels
        }
        var message: [UInt8] = []
        try communicator.together {
            guard communicator.isRankZero else { return }
            let net = try definition.netWithoutData(
                options: options, engine: .dnnl, rank: 0, worldSize: communicator.size)
            let choices = options.deterministic == nil ? try choose(net.kernelTrials, cache, log) : presumed(for: net)
            message = [UInt8](try JSONEncoder().encode(choices))
        }
        try communicator.broadcast(&message)
        let choices = try JSONDecoder().decode(KernelChoices.self, from: Data(message))
        if !choices.choices.isEmpty { log.say("kernels: \(choices)") }
        return choices
    }

    private static func choose(_ trials: [KernelTrial], _ cache: String, _ log: TrainingLog) throws -> KernelChoices {
        guard !trials.isEmpty else { return KernelChoices() }
        let memory = KernelMemory(for: trials, folder: cache)
        if let known = memory.choices { return known }
        let choices = KernelChoices(try trials.compactMap { try $0.measure() })
        do {
            try memory.keep(choices)
        } catch {
            log.warn("kernels: can't keep in \(memory.path) what was measured, so each start measures: \(error)")
        }
        return choices
    }
}

/// What was measured for the same jobs on the same kind of machine, in a file of the user's cache.
package struct KernelMemory {
    package let path: String

    package init(for trials: [KernelTrial], folder: String) {
        var key = Fingerprint()
        for trial in trials {
            key.add("\(trial.job) \(trial.multiplyAdds) \(trial.candidates.map(\.kernel))\n")
        }
        key.add("\(Threads.count) threads, \(Machine.processor), oneDNN \(DNNL.version), \(BLAS.version)")
        path = "\(folder)/kernels-\(String(key.value, radix: 16)).json"
    }

    /// twotower in XDG_CACHE_HOME, or in ~/.cache.
    package static var folder: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (cache ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache") + "/twotower"
    }

    /// What the file says; nil where there is none that can be read.
    package var choices: KernelChoices? {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
        return try? JSONDecoder().decode(KernelChoices.self, from: data)
    }

    package func keep(_ choices: KernelChoices) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(choices).write(to: file, options: .atomic)
    }
}
