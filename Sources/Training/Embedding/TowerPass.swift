import CaffeProto
package import Comm
package import Nets

/// Embeds the images of one list by one tower of a trained net, on all ranks, each exactly once; the list may be without labels.
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
        _ trained: TrainedNet, tower: TowerSplit.Half, list: String, blob: String?, options: RunOptions,
        communicator: any Communicator, log: TrainingLog
    ) throws -> ListPass {
        var request = try communicator.together {
            let (phase, deploy) = try trained.deployed(communicator.isRankZero ? log : nil)
            guard let blob = blob ?? deploy.embedding(of: tower) else {
                throw NetError(
                    "\(trained.model): the head reads more than one blob of tower \(tower); name the one that is wanted with --blob"
                )
            }
            let net = try deploy.tower(tower, to: blob, input: .lists)
            let labels = net.layer.filter { DataLayers.types.contains($0.type) }.flatMap { $0.top.dropFirst() }
            return ListPass.Request(
                try phase.reading(list.isEmpty ? [] : [list], by: net), blobs: [blob] + labels, trained: trained,
                options: options)
        }
        request.options.labelsAreOptional = true
        return try ListPass(request, communicator: communicator, log: log)
    }
}
