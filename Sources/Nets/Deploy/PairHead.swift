import CaffeProto

/// Where the towers of a net meet, and the layers that lead there.
struct PairHead {
    let head: DeployNet.Head
    /// The net up to its head.
    let layers: [LayerParameter]
    /// What the head reads of each tower.
    let crossing: [TowerSplit.Half: [String]]

    /// Losses whose first two bottoms are embeddings that a Euclidean distance compares.
    private static let distanceLosses: Set<String> = [
        "ContrastiveLoss", "EuclideanLoss", "ExponentialLoss", "InfoNCELoss", "TripletLoss",
    ]
    /// Losses whose first bottom becomes a probability, and the layer type that makes it one.
    private static let probabilityLosses = [
        "SoftmaxWithLoss": "Softmax", "InfogainLoss": "Softmax", "SigmoidCrossEntropyLoss": "Sigmoid",
    ]

    init(in net: NetParameter, _ towers: Towers) throws {
        let joined = net.layer.indices.filter { towers.owner[$0] == .both }
        if let index = joined.first(where: { Self.distanceLosses.contains(net.layer[$0].type) }) {
            let loss = net.layer[index]
            let made = TowerSplit.Half.allCases.map { half in
                loss.bottom.prefix(2).first { towers.ownerOfBlob[$0] == .one(half) }
            }
            guard let a = made[0], let b = made[1] else {
                throw loss.fault(
                    "compares \(loss.bottom.prefix(2).joined(separator: " and ")), which are not one of each tower")
            }
            (layers, crossing) = (Array(net.layer[..<index]), [.a: [a], .b: [b]])
            head = .distance(a: a, b: b)
            return
        }
        guard let index = joined.first(where: { Self.probabilityLosses[net.layer[$0].type] != nil }),
            let type = Self.probabilityLosses[net.layer[index].type]
        else {
            throw NetError(
                "no head is known that compares the two towers: known are "
                    + (Self.distanceLosses.sorted() + Self.probabilityLosses.keys.sorted()).joined(separator: ", "))
        }
        crossing = Dictionary(uniqueKeysWithValues: TowerSplit.Half.allCases.map { ($0, towers.crossing($0)) })
        var last = LayerParameter()
        last.name = Self.unused("prob", in: net)
        last.type = type
        last.bottom = [net.layer[index].bottom[0]]
        last.top = [last.name]
        layers = net.layer[..<index] + [last]
        head = .probability(last.name)
    }

    private static func unused(_ name: String, in net: NetParameter) -> String {
        let taken = Set(net.layer.flatMap { $0.top + [$0.name] })
        return taken.contains(name) ? unused(name + "_", in: net) : name
    }
}
