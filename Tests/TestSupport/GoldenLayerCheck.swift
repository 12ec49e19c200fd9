import CaffeProto
import Foundation
package import Nets
import Tensors

/// Runs a case of `Tests/Golden/layers` and compares it with what the original Caffe computed.
///
/// A case has `net.prototxt`, `in_BLOB` and `param_LAYER_i` to start from, `out_BLOB` of forward, `dout_BLOB` to start
/// backward from (losses start from their weight), `din_BLOB` and `dparam_LAYER_i` of backward, all `.npy`; where forward
/// changes parameters, `param_LAYER_i_after_forward`.
package struct GoldenLayerCheck {
    private let folder: String
    private let files: Set<String>
    private let net: Net

    /// - Parameter name: the case's folder.
    package init(
        _ name: String, phase: NetContext.Phase = .train, engine: NetContext.Engine = .caffe, seed: UInt64 = 1
    ) throws {
        folder = "layers/\(name)"
        files = Set(try FileManager.default.contentsOfDirectory(atPath: Golden.path(folder)))
        let text = try String(contentsOfFile: Golden.path("\(folder)/net.prototxt"), encoding: .utf8)
        net = try TestNet.make(text, NetContext(phase: phase, seed: seed, defaultEngine: engine))
    }

    /// One sentence for each array that differs by more than `tolerance` relative to its largest value.
    package func mismatches(tolerance: Float = 1e-5) throws -> [String] {
        try load()
        try net.forward()
        var found: [String?] = []
        for (blob, expected) in try arrays("out_") {
            found.append(Compare.mismatch("out \(blob)", net.known(blob).plainData, expected, tolerance: tolerance))
        }
        for (name, expected) in try arrays("param_", suffix: Self.afterForward) {
            found.append(
                Compare.mismatch("after \(name)", parameter(name).blob.dataArray, expected, tolerance: tolerance))
        }
        for (blob, gradient) in try arrays("dout_") { net.known(blob).setPlainDiff(gradient) }
        net.parameters.clearGradients()
        try net.backward()
        for (blob, expected) in try arrays("din_") {
            found.append(Compare.mismatch("din \(blob)", net.input(blob).plainDiff, expected, tolerance: tolerance))
        }
        for (name, expected) in try arrays("dparam_") {
            found.append(
                Compare.mismatch("dparam \(name)", parameter(name).blob.diffArray, expected, tolerance: tolerance))
        }
        precondition(!found.isEmpty, "\(folder) has nothing to compare with")
        return found.compactMap { $0 }
    }

    private func load() throws {
        for (name, values) in try arrays("in_") { net.input(name).copyData(from: values) }
        for (name, values) in try arrays("param_") { parameter(name).blob.copyData(from: values) }
    }

    private static let afterForward = "_after_forward"

    /// The arrays whose file names start and end so, with the rest of the name.
    private func arrays(_ prefix: String, suffix: String = "") throws -> [(name: String, values: [Float])] {
        let names = files.filter {
            $0.hasPrefix(prefix) && $0.hasSuffix("\(suffix).npy") && $0.contains(Self.afterForward) == !suffix.isEmpty
        }
        return try names.sorted().map { file in
            let name = file.dropFirst(prefix.count).dropLast(suffix.count + 4)
            return (String(name), try Golden.array("\(folder)/\(file)").values)
        }
    }

    /// "LAYER_i".
    private func parameter(_ name: String) -> Parameter {
        let parts = name.split(separator: "_")
        guard let index = parts.last.flatMap({ Int($0) }),
            let step = net.step(named: parts.dropLast().joined(separator: "_"))
        else { preconditionFailure("no parameter \(name)") }
        return step.layer.parameters[index]
    }
}
