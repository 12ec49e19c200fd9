package import CaffeProto

/// One half of a two-tower net: one tower, and everything behind the place where both meet.
///
/// For `--placement split`, where half of the ranks carry tower A and half tower B. A layer belongs to a tower if all images
/// that reach it are that tower's; layers that both reach run on both halves, which swap what they read of the towers: both
/// compute the same loss, and each takes its own tower's gradient from it, so no gradient has to travel back.
package struct TowerSplit {
    package enum Half: Int, Sendable, CaseIterable {
        case a, b

        package var other: Half { self == .a ? .b : .a }
    }

    /// Which of the two data layers feeds this tower.
    package let column: Int
    /// The net of this half.
    package let definition: NetParameter

    /// Divides a net that is filtered for its phase.
    ///
    /// Throws `NetError` for a net that is not two towers with weights of their own.
    package init(_ net: NetParameter, half: Half) throws {
        let towers = try Self.towers(of: net)
        column = half.rawValue
        let own = towers.dataLayers[half.rawValue]
        let partner = Self.partner(mine: towers.crossing(half), theirs: towers.crossing(half.other))
        let label = towers.label(for: half)
        var result = net
        result.layer = net.layer.indices.filter { towers.owner[$0] == .neither || towers.owner[$0] == .one(half) }
            .map { index in
                index == own ? label.define(net.layer[index]) : label.rename(net.layer[index])
            }
        result.layer.append(partner)
        result.layer += net.layer.indices.filter { towers.owner[$0] == .both }.map { label.rename(net.layer[$0]) }
        definition = result
    }

    private static func partner(mine: [String], theirs: [String]) -> LayerParameter {
        var layer = LayerParameter()
        layer.name = "partner"
        layer.type = "Partner"
        layer.bottom = mine
        layer.top = theirs
        return layer
    }

    private static func towers(of net: NetParameter) throws(NetError) -> Towers {
        do throws(Towers.Fault) {
            let towers = try Towers(net)
            try towers.checkSources()
            try towers.checkMeeting()
            try towers.checkWeights()
            return towers
        } catch {
            throw NetError("--placement split: \(error.problem); train this net with --placement both")
        }
    }
}

extension Towers {
    /// Each half reads the images of its own tower only.
    fileprivate func checkSources() throws(Fault) {
        guard let slice else { return }
        throw Fault(
            problem:
                "one data layer for each tower is needed, and layer \(net.layer[slice].name) parts the records of one")
    }

    /// Refuses what two halves can't compute apart.
    fileprivate func checkMeeting() throws(Fault) {
        for (index, layer) in net.layer.enumerated() {
            guard case .one = owner[index] else { continue }
            if layer.type.hasSuffix("Loss") {
                throw Fault(problem: "layer \(layer.name) (\(layer.type)) is a loss of one tower alone")
            }
            let joined = net.layer[..<index].enumerated().first { earlier, other in
                owner[earlier] == .both && layer.top.contains { other.bottom.contains($0) }
            }
            if let joined {
                throw Fault(
                    problem:
                        "layer \(layer.name) changes in place what \(joined.element.name) has read before of its tower")
            }
        }
    }

    /// The towers must not share weights: each half would have but one tower's part of their gradient.
    fileprivate func checkWeights() throws(Fault) {
        func shared(_ of: Owner) -> [String: String] {
            let layers = net.layer.indices.filter { owner[$0] == of }.map { net.layer[$0] }
            return Dictionary(
                layers.flatMap { layer in layer.param.filter { !$0.name.isEmpty }.map { ($0.name, layer.name) } },
                uniquingKeysWith: { first, _ in first })
        }
        let (a, b, both) = (shared(.one(.a)), shared(.one(.b)), shared(.both))
        for (mine, theirs) in [(a, b), (a, both), (b, both)] {
            if let (name, layer) = mine.sorted(by: { $0.key < $1.key }).first(where: { theirs[$0.key] != nil }) {
                throw Fault(
                    problem:
                        "layers \(layer) and \(theirs[name] ?? ""), which are not of one tower, share the weights \"\(name)\""
                )
            }
        }
    }

    fileprivate func label(for half: TowerSplit.Half) -> Label {
        let (own, other) = (net.layer[dataLayers[half.rawValue]], net.layer[dataLayers[half.other.rawValue]])
        return Label(
            own: own.top.count > 1 ? own.top[1] : nil, other: other.top.count > 1 ? other.top[1] : nil)
    }

    /// Both lists have the same labels, so each half reads those of its own.
    fileprivate struct Label {
        let own: String?
        let other: String?

        /// The data layer of this half: makes the label under the name that is in use.
        func define(_ layer: LayerParameter) -> LayerParameter {
            var layer = layer
            if own == nil, let other { layer.top.append(other) }
            return layer
        }

        /// Any other layer: reads this half's label instead of the other's.
        func rename(_ layer: LayerParameter) -> LayerParameter {
            guard let own, let other else { return layer }
            var layer = layer
            layer.bottom = layer.bottom.map { $0 == other ? own : $0 }
            layer.top = layer.top.map { $0 == other ? own : $0 }
            return layer
        }
    }
}
