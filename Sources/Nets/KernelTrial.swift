import Tensors

/// A job that several kernels can do, to be timed.
package struct KernelTrial {
    package struct Candidate {
        package let kernel: String
        /// Gets ready to do the job again and again, on values of its own; nil where the kernel can't do it here.
        package let prepare: () throws -> (() throws -> Void)?

        package init(_ kernel: String, prepare: @escaping () throws -> (() throws -> Void)?) {
            self.kernel = kernel
            self.prepare = prepare
        }
    }

    package let job: String
    package let multiplyAdds: Int
    /// The default first.
    package let candidates: [Candidate]
    /// What is likely to be the best where nothing may be measured; nil for the default.
    package let presumed: String?

    /// Jobs of less work are not worth it: what is won or lost there is below what one call differs from the next.
    package static let leastMultiplyAdds = 100_000_000
    /// The part of the default's time that a kernel must save to be taken instead.
    package static let leastGain = 0.03

    package init(_ job: String, multiplyAdds: Int, candidates: [Candidate], presumed: String? = nil) {
        precondition(!candidates.isEmpty, "nobody does \(job)")
        self.job = job
        self.multiplyAdds = multiplyAdds
        self.candidates = candidates
        self.presumed = presumed
    }

    /// Times the kernels; nil if the default is the best, or as good as.
    ///
    /// One call each tells which are far behind; the others' times are the shorter of three calls. (The first call touches
    /// its memory for the first time, which can double it.)
    package func measure() throws -> KernelChoices.Choice? {
        Activity.begin("measure kernels for", job)
        let runs = try candidates.map { try $0.prepare() }
        var times = try runs.map { try Self.time($0) }
        let fastest = times.min() ?? .infinity
        for (index, run) in runs.enumerated() where times[index] < 3 * fastest {
            for _ in 0..<2 { times[index] = min(times[index], try Self.time(run)) }
        }
        guard let best = times.indices.min(by: { times[$0] < times[$1] }), times[best] < (1 - Self.leastGain) * times[0]
        else { return nil }
        return KernelChoices.Choice(
            job: job, kernel: candidates[best].kernel, seconds: times[best], defaultSeconds: times[0])
    }

    private static func time(_ run: (() throws -> Void)?) throws -> Double {
        guard let run else { return .infinity }
        Activity.tick()
        return try ContinuousClock().measure(run) / .seconds(1)
    }
}

extension Net {
    /// What there is to measure: each job of its layers once.
    package var kernelTrials: [KernelTrial] {
        var jobs: Set<String> = []
        return steps.flatMap(\.layer.kernelTrials).filter {
            $0.multiplyAdds >= KernelTrial.leastMultiplyAdds && $0.candidates.count > 1 && jobs.insert($0.job).inserted
        }
    }
}
