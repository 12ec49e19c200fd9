package import Nets

/// A net that was trained: its definition, and the files with its weights.
package struct TrainedNet: Sendable {
    /// The prototxt.
    package var model: String
    /// Caffemodels, by layer name; later files win.
    package var weights: [String]
    /// Which layer's weights stand in where the files have none of a layer's name.
    package var map: SuffixRule?

    package init(model: String, weights: [String], map: SuffixRule? = nil) {
        self.model = model
        self.weights = weights
        self.map = map
    }

    /// Reads the TEST phase, and finds both towers in it.
    ///
    /// - Parameter log: where notes on the definition go; nil says nothing.
    func deployed(_ log: TrainingLog?) throws -> (phase: PhaseNet, deploy: DeployNet) {
        let phase = try PhaseNet.load(model, phase: .test)
        for note in phase.notes { log?.warn(note) }
        return (phase, try phase.deployed())
    }
}

extension Net {
    /// Takes the weights of a trained net's files, and refuses a layer that is left without.
    func loadAllWeights(of trained: TrainedNet, log: TrainingLog) throws {
        let report = try loadWeights(fromFiles: trained.weights, map: trained.map, log: log)
        guard let layer = report.first else { return }
        throw NetError(
            "layer \(layer) has weights, but none of \(trained.weights.joined(separator: ", ")) has any for it; give the "
                + "caffemodel of this net's own training, or --map")
    }
}
