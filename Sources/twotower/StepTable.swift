import Foundation
import Nets
import Training

/// Where the time of a rank's steps went: a row a layer, then exchange and update.
struct StepTable: CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - spans: of `steps` steps.
    ///   - net: whose they are.
    ///   - passes: how often it runs in a step.
    init(_ spans: [Timeline.Span], of net: Net, steps: Int, passes: Int = 1) {
        var seconds: [Timeline.Kind: [String: Double]] = [:]
        for span in spans {
            seconds[span.kind, default: [:]][span.name, default: 0] +=
                Double(span.end - span.start) * 1e-9 / Double(steps)
        }
        func spent(_ kind: Timeline.Kind, _ name: String) -> Double? { seconds[kind]?[name] }
        var table = TextTable(["layer", "type", "forward ms", "GFLOP/s", "backward ms", "GFLOP/s"])
        table.alignRight(2, 3, 4, 5)
        for step in net.steps {
            let name = step.layer.name
            table.add([
                name, step.layer.type, Self.milliseconds(spent(.forward, name)),
                Self.rate(passes * Workload.forward(step), spent(.forward, name)),
                Self.milliseconds(spent(.backward, name)),
                Self.rate(passes * Workload.backward(step), spent(.backward, name)),
            ])
        }
        for (kind, label) in [
            (Timeline.Kind.wait, "exchange not hidden"), (.update, "update"), (.share, "weights of other ranks"),
        ] {
            let total = seconds[kind]?.values.reduce(0, +)
            if let total { table.add(["", label, "", "", Self.milliseconds(total), ""]) }
        }
        description = table.description
    }

    private static func milliseconds(_ seconds: Double?) -> String {
        seconds.map { String(format: "%.2f", $0 * 1e3) } ?? ""
    }

    private static func rate(_ multiplyAdds: Int, _ seconds: Double?) -> String {
        guard multiplyAdds > 0, let seconds else { return "" }
        return String(format: "%.1f", 2 * Double(multiplyAdds) / seconds / 1e9)
    }
}
