package import CaffeProto

/// A loss that knows how far apart the two embeddings of each pair are.
package protocol PairLossLayer: Layer {
    /// The distance of each pair of the last forward; empty where it knows none.
    var distances: [Float] { get }
    /// Whether each pair of the last forward matches.
    var matches: [Bool] { get }
}

/// What is known of pair losses by their type alone.
package enum PairLosses {
    /// Those whose label says whether a pair matches, and of which lists hold both kinds.
    package static let ofBothKinds: Set = ["ContrastiveLoss", "ExponentialLoss"]

    /// Those that take one pair's images for what does not match another's.
    private static let ofMatchingPairs: Set = ["InfoNCELoss", "TripletLoss"]

    package static let all = ofBothKinds.union(ofMatchingPairs)

    /// Whether a layer is trained on lists of matching pairs only.
    package static func takesMatchingPairs(_ layer: LayerParameter) -> Bool {
        ofMatchingPairs.contains(layer.type)
            && !(layer.type == "TripletLoss" && layer.tripletLossParam.negatives == .list)
    }

    /// Whether its label is the number of an identity.
    package static func readsIdentities(_ layer: LayerParameter) -> Bool {
        switch layer.type {
        case "InfoNCELoss": layer.infoNceLossParam.label == .identity
        case "TripletLoss": layer.tripletLossParam.label == .identity
        default: false
        }
    }
}
