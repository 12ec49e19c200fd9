import Foundation

/// One axis of a chart: what values it covers, where they lie on it, and its ticks.
package struct ChartAxis {
    package enum Scale { case linear, logarithmic }

    package struct Tick: Equatable {
        package let value: Double
        /// Nothing for the small ticks between decades.
        package let text: String
    }

    package let scale: Scale
    package let label: String
    package let lower: Double
    package let upper: Double
    package let ticks: [Tick]

    /// A linear axis from one round number to another around all values that are numbers; 0 to 1 where there are none.
    ///
    /// - Parameter isTight: ends at the least and the greatest value instead.
    package init(linear label: String, covering values: some Sequence<Double>, isTight: Bool = false) {
        var (low, high) = Self.extent(values) ?? (0, 1)
        if low == high {
            let room = low == 0 ? 0.5 : abs(low) * 0.1
            (low, high) = (low - room, high + room)
        }
        let step = Self.roundStep(high - low, parts: 5)
        // Ends that are round but for rounding errors stay where they are.
        let hair = isTight ? -1e-9 : 1e-9
        let first = (low / step + hair).rounded(isTight ? .up : .down)
        let last = (high / step - hair).rounded(isTight ? .down : .up)
        scale = .linear
        self.label = label
        (lower, upper) = isTight ? (low, high) : (first * step, last * step)
        ticks = stride(from: first, through: last, by: 1).map {
            Tick(value: $0 * step, text: Self.text($0 * step, step: step))
        }
    }

    /// A logarithmic axis of whole decades around all positive values; 0.1 to 1 where there are none.
    package init(logarithmic label: String, covering values: some Sequence<Double>) {
        let (low, high) = Self.extent(values.lazy.filter { $0 > 0 }) ?? (0.1, 1)
        let first = Int(log10(low).rounded(.down))
        let last = max(Int(log10(high).rounded(.up)), first + 1)
        let every = (last - first + 7) / 8
        scale = .logarithmic
        self.label = label
        (lower, upper) = (pow(10, Double(first)), pow(10, Double(last)))
        ticks = (first...last).flatMap { decade in
            let power = pow(10, Double(decade))
            let isNamed = (last - decade).isMultiple(of: every)
            let small = decade < last && every == 1 ? (2...9).map { Tick(value: power * Double($0), text: "") } : []
            return [Tick(value: power, text: isNamed ? Self.power(decade) : "")] + small
        }
    }

    /// Where a value lies, 0 at the lower end and 1 at the upper one; what is beyond an end lies there.
    package func place(_ value: Double) -> Double {
        let part =
            switch scale {
            case .linear: (value - lower) / (upper - lower)
            case .logarithmic: value > 0 ? log10(value / lower) / log10(upper / lower) : 0
            }
        return min(max(part, 0), 1)
    }

    /// The least and the greatest of the values that are numbers.
    private static func extent(_ values: some Sequence<Double>) -> (Double, Double)? {
        var found: (Double, Double)?
        for value in values where value.isFinite {
            found = found.map { (min($0.0, value), max($0.1, value)) } ?? (value, value)
        }
        return found
    }

    /// 1, 2 or 5 times a power of ten, of which about so many fit into the width.
    static func roundStep(_ width: Double, parts: Double) -> Double {
        let rough = width / parts
        let power = pow(10, log10(rough).rounded(.down))
        let factor = rough / power
        return power * (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10)
    }

    private static func text(_ value: Double, step: Double) -> String {
        if step >= 1, abs(value) < 1e15 { return Markup.count(Int(value.rounded())) }
        let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        return decimals > 6 ? String(format: "%.2g", value) : Markup.number(value, decimals: decimals)
    }

    private static func power(_ exponent: Int) -> String {
        if exponent == 0 { return "1" }
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return (exponent < 0 ? "10⁻" : "10")
            + String(String(exponent.magnitude).compactMap(\.wholeNumberValue).map { digits[$0] })
    }
}
