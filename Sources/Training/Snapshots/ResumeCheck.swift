import CaffeProto
import Foundation
import Pairs
import Tensors

/// What must be as it was for training to go on from a snapshot as if it had never stopped.
package enum ResumeChange: String, CaseIterable, Sendable {
    case lists, seed, batch, net, solver
}

/// Compares what a snapshot was training with what is to be trained now.
struct ResumeCheck {
    private let plan: TrainingPlan
    private let lists: [UInt64]

    init(_ plan: TrainingPlan, lists: [UInt64]) {
        self.plan = plan
        self.lists = lists
    }

    /// Throws what differs and is not allowed to; says the rest.
    func check(_ state: SnapshotState, file: String, log: TrainingLog) throws {
        let differences = differences(from: state)
        for (change, sentence) in differences where plan.allowedChanges.contains(change) {
            log.warn("\(sentence); --allow-changed \(change.rawValue): training goes on with what is now")
        }
        let refused = differences.filter { !plan.allowedChanges.contains($0.change) }
        if let warning = DeterministicState.warning(from: state.deterministic, to: plan.deterministicState) {
            log.warn(warning)
        }
        guard !refused.isEmpty else { return }
        let kinds = ResumeChange.allCases.filter { kind in refused.contains { $0.change == kind } }
        throw SolverError(
            "\(file) is of another training: \(refused.map(\.sentence).joined(separator: "; ")). Put that back, or go on "
                + "knowingly with --allow-changed \(kinds.map(\.rawValue).joined(separator: ","))")
    }

    /// What differs, a sentence each; what the snapshot does not say counts as alike.
    func differences(from state: SnapshotState) -> [(change: ResumeChange, sentence: String)] {
        var found: [(change: ResumeChange, sentence: String)] = []
        func compare<Value: Equatable>(_ change: ResumeChange, _ what: String, _ then: Value?, _ now: Value) {
            if let then, then != now { found.append((change, "\(what) was \(then) and is \(now)")) }
        }
        if state.seed != nil {
            compare(.lists, "the fingerprint of the lists", Self.hex(state.listFingerprints), Self.hex(lists))
        }
        compare(.seed, "random_seed", state.seed, plan.seed)
        compare(.batch, "batch_size", state.batchSize, plan.batchSize)
        compare(.batch, "iter_size", state.iterSize, plan.settings.iterSize)
        if let now = plan.deterministicState {
            compare(.batch, "--micro-batch", state.deterministic?.microBatch, now.microBatch)
        }
        compare(.solver, "the solver's type", state.solverType, plan.settings.type)
        if let difference = netDifference(from: state) { found.append((.net, difference)) }
        return found
    }

    private static func hex(_ numbers: [UInt64]) -> String {
        numbers.map { String($0, radix: 16) }.joined(separator: " ")
    }

    private func netDifference(from state: SnapshotState) -> String? {
        guard state.layers.isEmpty else {
            return LayerTexts.difference(now: plan.trainDefinition.resumableLayers, then: state.layers)
        }
        // Snapshots of before keep the names and types of layers alone.
        guard let then = state.netFingerprint, then != plan.trainDefinition.fingerprint else { return nil }
        return "the net's layers have other names or types"
    }
}

/// Layers as prototxt texts, which say where two nets part.
enum LayerTexts {
    /// The first layer that differs, and how; nil for equal nets.
    static func difference(now: [String], then: [String]) -> String? {
        let (names, old) = (now.map(name), then.map(name))
        if let gone = old.first(where: { !names.contains($0) }) { return "layer \(gone) is gone" }
        if let new = names.first(where: { !old.contains($0) }) { return "layer \(new) is new" }
        guard let index = zip(now, then).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return now.count == then.count ? nil : "there were \(then.count) layers and are \(now.count)"
        }
        guard names[index] == old[index] else {
            return "layer \(names[index]) stands where \(old[index]) stood"
        }
        let lines = (then: lines(then[index]), now: lines(now[index]))
        var (removed, inserted): (String?, String?)
        for change in lines.now.difference(from: lines.then) {
            switch change {
            case .remove(_, let line, _): removed = removed ?? line
            case .insert(_, let line, _): inserted = inserted ?? line
            }
        }
        let words = [removed.map { "had \"\($0)\"" }, inserted.map { "has \"\($0)\"" }].compactMap(\.self)
        return "layer \(names[index]) \(words.joined(separator: " and "))"
    }

    private static func name(_ text: String) -> String {
        lines(text).first { $0.hasPrefix("name: ") }.map { String($0.dropFirst(7).dropLast()) } ?? "?"
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

extension PhaseNet {
    /// Each layer's definition as prototxt, without what may change between a snapshot and its resumption: where the data
    /// lies and the batch, which are looked at apart, learning rates, and the phases in which a layer stands.
    var resumableLayers: [String] {
        net.layer.map { layer in
            var layer = layer
            if layer.hasImageDataParam {
                layer.imageDataParam.clearSource()
                layer.imageDataParam.clearRootFolder()
                layer.imageDataParam.clearBatchSize()
            }
            if layer.hasDataParam {
                layer.dataParam.clearSource()
                layer.dataParam.clearBatchSize()
                layer.dataParam.clearPrefetch()
            }
            layer.nameMeanFileByContent(of: self)
            for index in layer.param.indices {
                layer.param[index].clearLrMult()
                layer.param[index].clearDecayMult()
            }
            if layer.param.allSatisfy({ $0 == ParamSpec() }) { layer.param = [] }
            (layer.include, layer.exclude) = ([], [])
            return Prototxt.write(layer)
        }
    }
}

extension LayerParameter {
    /// What a mean is counts, not where it lies; a file that can't be read is told of later.
    mutating func nameMeanFileByContent(of phase: PhaseNet) {
        guard hasTransformParam, transformParam.hasMeanFile else { return }
        let path = phase.search.find(transformParam.meanFile) ?? transformParam.meanFile
        let sum = try? Checksum(ofFile: path)
        transformParam.meanFile =
            sum.map { "of \($0.count) bytes, XXH64 \(String($0.value, radix: 16))" } ?? "unreadable"
    }
}
