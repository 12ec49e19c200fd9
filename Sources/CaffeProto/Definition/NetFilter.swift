internal import SwiftProtobuf

/// Which layers of a net belong to a phase, level and set of stages.
package enum NetFilter {
    /// The net without the layers that the state leaves out, and the kept layers' indices.
    ///
    /// A layer with `include` rules is kept when one of them is met, a layer with `exclude` rules when none is,
    /// a layer without rules always. Source: BVLC caffe, Net::FilterNet and Net::StateMeetsRule (src/caffe/net.cpp).
    ///
    /// - Throws: `DefinitionError` for a layer with both kinds of rules.
    package static func filter(
        _ net: NetParameter, _ state: NetState
    ) throws(DefinitionError) -> (net: NetParameter, kept: [Int]) {
        for (index, layer) in net.layer.enumerated() where !layer.include.isEmpty && !layer.exclude.isEmpty {
            throw DefinitionError(
                layer: index, subject: "layer \"\(layer.name)\"", problem: "rules that contradict each other",
                expected: "either include or exclude rules", found: "both")
        }
        let kept = net.layer.indices.filter { index in
            let layer = net.layer[index]
            return layer.include.isEmpty
                ? !layer.exclude.contains { meets(state, $0) } : layer.include.contains { meets(state, $0) }
        }
        var filtered = net
        filtered.layer = kept.map { net.layer[$0] }
        return (filtered, kept)
    }

    /// Whether a state meets every condition of a rule; an empty rule is always met.
    package static func meets(_ state: NetState, _ rule: NetStateRule) -> Bool {
        (!rule.hasPhase || rule.phase == state.phase)
            && (!rule.hasMinLevel || state.level >= rule.minLevel)
            && (!rule.hasMaxLevel || state.level <= rule.maxLevel)
            && rule.stage.allSatisfy(state.stage.contains)
            && !rule.notStage.contains(where: state.stage.contains)
    }

    /// The state of a phase: the net's own state and then the solver's laid over it, lists joined.
    ///
    /// Source: BVLC caffe, Solver::InitTrainNet and InitTestNets (src/caffe/solver.cpp).
    package static func state(_ phase: Phase, net: NetState, solver: NetState?) -> NetState {
        var state = NetState.with { $0.phase = phase }
        for over in [net, solver].compactMap(\.self) {
            if over.hasPhase { state.phase = over.phase }
            if over.hasLevel { state.level = over.level }
            state.stage += over.stage
        }
        return state
    }
}
