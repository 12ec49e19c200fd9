import CaffeProto
package import Comm
package import Nets

/// Embeds the images of one list by one tower of a trained net, on all ranks, each exactly once.
package enum TowerPass {
    /// Sets the pass up; collective.
    ///
    /// Its batches have two blobs, or one where the tower's data layer puts out no label: the values wanted, and the label of
    /// each image.
    ///
    /// - Parameters:
    ///   - list: a list of images (or a database); empty for the one that the tower's data layer in the TEST phase names.
    ///   - blob: nil for the embedding that the head compares.
    package static func make(
        model: String, tower: TowerSplit.Half, list: String, blob: String?, weights: [String], map: SuffixRule?,
        options: RunOptions, communicator: any Communicator, log: TrainingLog
    ) throws -> ListPass {
        let request = try communicator.together {
            let phase = try PhaseNet.load(model, phase: .test)
            for note in phase.notes where communicator.isRankZero { log.warn(note) }
            let deploy = try phase.deployed()
            guard let blob = blob ?? deploy.embedding(of: tower) else {
                throw NetError(
                    "\(model): the head reads more than one blob of tower \(tower); name the one that is wanted with --blob"
                )
            }
            let net = try deploy.tower(tower, to: blob, input: .lists)
            let labels = net.layer.filter { DataLayers.types.contains($0.type) }.flatMap { $0.top.dropFirst() }
            return ListPass.Request(
                phase.reading([list], by: net), blobs: [blob] + labels, weights: weights, map: map, options: options)
        }
        return try ListPass(request, communicator: communicator, log: log)
    }
}
