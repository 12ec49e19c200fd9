import CaffeProto

/// Who owns each layer of a two-tower net, and what crosses from the towers to where they meet.
struct Towers {
    enum Owner: Equatable {
        case neither, both
        case one(TowerSplit.Half)

        static func + (left: Owner, right: Owner) -> Owner {
            if left == right || right == .neither { return left }
            return left == .neither ? right : .both
        }
    }

    let net: NetParameter
    /// The layers that read the images of tower A and B, by their number; one where its records hold both images.
    private(set) var dataLayers: [Int] = []
    /// The layer that parts such records in two.
    private(set) var slice: Int?
    private(set) var owner: [Owner] = []
    private(set) var ownerOfBlob: [String: Owner] = [:]

    /// Why a net is no net of two towers.
    struct Fault: Error {
        let problem: String
    }

    init(_ net: NetParameter) throws(Fault) {
        self.net = net
        dataLayers = net.layer.indices.filter { DataLayers.types.contains(net.layer[$0].type) }
        slice = Self.slice(in: net, dataLayers)
        guard dataLayers.count == 2 || slice != nil else {
            throw Fault(problem: "one data layer for each tower is needed, found \(dataLayers.count)")
        }
        for (index, layer) in net.layer.enumerated() {
            var of = layer.bottom.reduce(Owner.neither) { $0 + (ownerOfBlob[$1] ?? .neither) }
            if slice == nil, let tower = dataLayers.firstIndex(of: index) { of = .one(TowerSplit.Half.allCases[tower]) }
            owner.append(of)
            let isData = dataLayers.contains(index)
            for (number, top) in layer.top.enumerated() {
                ownerOfBlob[top] = isData && number > 0 ? .neither : of
                if index == slice { ownerOfBlob[top] = .one(TowerSplit.Half.allCases[number]) }
            }
        }
        guard owner.contains(.both) else { throw Fault(problem: "no layer joins the two towers") }
    }

    /// The Slice that parts the records of an only data layer by their channels, as in Caffe's examples/siamese.
    private static func slice(in net: NetParameter, _ dataLayers: [Int]) -> Int? {
        guard dataLayers.count == 1, let records = net.layer[dataLayers[0]].top.first else { return nil }
        let readers = net.layer.indices.filter { net.layer[$0].bottom.contains(records) }
        guard readers.count == 1, net.layer[readers[0]].type == "Slice", net.layer[readers[0]].top.count == 2 else {
            return nil
        }
        let parameter = net.layer[readers[0]].sliceParam
        return (parameter.hasSliceDim ? Int(parameter.sliceDim) : Int(parameter.axis)) == 1 ? readers[0] : nil
    }

    /// The blob of a tower's images.
    func images(of half: TowerSplit.Half) -> String {
        slice.map { net.layer[$0].top[half.rawValue] } ?? net.layer[dataLayers[half.rawValue]].top[0]
    }

    /// A tower's blobs that joining layers read, in the order in which they do.
    func crossing(_ half: TowerSplit.Half) -> [String] {
        var seen: Set<String> = []
        return net.layer.indices.filter { owner[$0] == .both }.flatMap { net.layer[$0].bottom }
            .filter { isMade(by: half, $0) && seen.insert($0).inserted }
    }

    private func isMade(by half: TowerSplit.Half, _ blob: String) -> Bool {
        net.layer.indices.contains { owner[$0] == .one(half) && net.layer[$0].top.contains(blob) }
            && ownerOfBlob[blob] != .neither
    }
}
