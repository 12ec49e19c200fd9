package import Comm
package import Tensors

extension Precision {
    /// The precision in which all ranks compute: this one, or float32 if some rank's processor lacks it, which a
    /// warning says.
    ///
    /// Collective.
    ///
    /// - Parameter isHere: Whether this rank's processor has it.
    package func agreed(
        over communicator: any Communicator, log: TrainingLog, isHere: Bool? = nil
    ) throws -> Precision {
        if self == .float32 { return self }
        let lacking = try communicator.allGather(isHere ?? self.isHere ? "" : Self.instructionSet)
        guard let rank = lacking.firstIndex(where: { $0 != "" }) else { return self }
        if communicator.isRankZero {
            log.warn(
                "--precision \(rawValue): the processor of \(communicator.hosts[rank]) has no bfloat16 arithmetic "
                    + "(oneDNN computes with \(lacking[rank]) there); all ranks compute in float32")
        }
        return .float32
    }
}
