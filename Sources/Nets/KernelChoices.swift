/// Which kernel does which job, where the measured best is not the default.
///
/// A job is told by its text and not by its layer: both towers' convolutions of one shape are one job. The number of samples is no
/// part of it, so that ranks whose shards differ by a sample, and TEST nets, do theirs in the same way.
package struct KernelChoices: Codable, Equatable, Sendable, CustomStringConvertible {
    package struct Choice: Codable, Equatable, Sendable {
        package let job: String
        package let kernel: String
        /// Of one call as measured, and that of the default kernel; nil where nothing was measured.
        package let seconds: Double?
        package let defaultSeconds: Double?

        package init(job: String, kernel: String, seconds: Double? = nil, defaultSeconds: Double? = nil) {
            self.job = job
            self.kernel = kernel
            self.seconds = seconds
            self.defaultSeconds = defaultSeconds
        }
    }

    package private(set) var choices: [Choice]

    /// - Parameter choices: a job each; none lets every job take its default.
    package init(_ choices: [Choice] = []) { self.choices = choices }

    /// The kernel for a job; nil for the default.
    package func kernel(for job: String) -> String? { choices.first { $0.job == job }?.kernel }

    /// What is likely to be the fastest for a net's large jobs, without measuring: the same in every run.
    package static func presumed(for net: Net) -> KernelChoices {
        KernelChoices(
            net.kernelTrials.compactMap { trial in trial.presumed.map { Choice(job: trial.job, kernel: $0) } })
    }

    /// "forward of 256×15×15 → 384 by 3×3, pad 1×1: Winograd, 21.9 ms for 51.2; …".
    package var description: String {
        choices.map { choice in
            let times = [choice.seconds, choice.defaultSeconds].compactMap { $0.map { ($0 * 1e4).rounded() / 10 } }
            return "\(choice.job): \(choice.kernel)" + (times.count == 2 ? ", \(times[0]) ms for \(times[1])" : "")
        }.joined(separator: "; ")
    }
}
