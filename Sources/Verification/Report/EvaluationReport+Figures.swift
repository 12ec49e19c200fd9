extension EvaluationReport {
    /// The key figures in large type.
    var tiles: String {
        let keys = figures.filter(\.isKey).map { figure in
            """
            <div class="tile"><span>\(Markup.escape(figure.name))</span><b>\(Markup.number(figure.value))</b>\
            <small>\(figure.interval.map { "95 %: \(Self.text($0))" } ?? "&#160;")</small></div>

            """
        }
        return keys.isEmpty ? "" : "<div class=\"tiles\">\n\(keys.joined())</div>\n"
    }

    /// All figures, with their intervals also as drawings, and below them those that the pairs can't tell.
    var table: String {
        guard !figures.isEmpty else { return "" }
        let untold = figures.filter { $0.value == nil }.map { "\($0.name) (\($0.meaning))" }
        let rest = untold.isEmpty ? "" : HTMLPage.paragraph("Not told: \(untold.joined(separator: ", ")).", "hint")
        let rows = figures.filter { $0.value != nil }.map { figure in
            """
            <tr><td class="name">\(Markup.escape(figure.name))</td><td class="number">\(Markup.number(figure.value))</td>\
            <td class="number">\(figure.interval.map(Self.text) ?? "–")</td><td>\(Self.span(figure))</td>\
            <td class="meaning">\(Markup.escape(figure.meaning))</td></tr>

            """
        }
        return HTMLPage.section(
            "Figures",
            """
            <div class="wide"><table>
            <thead><tr><th>figure</th><th class="number">value</th><th class="number">interval of 95 %</th>\
            <th>0 … 1</th><th>meaning</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody>
            </table></div>
            \(rest)
            """)
    }

    private static func text(_ interval: ClosedRange<Double>) -> String {
        "\(Markup.number(interval.lowerBound)) – \(Markup.number(interval.upperBound))"
    }

    /// The value as a dot and the interval as a bar, from 0 to 1; nothing for what does not lie there.
    private static func span(_ figure: Figure) -> String {
        guard let value = figure.value, (0...1).contains(value) else { return "" }
        func place(_ value: Double) -> Double { 5 + 120 * min(max(value, 0), 1) }
        let bar = figure.interval.map { interval in
            interval.lowerBound.isFinite && interval.upperBound.isFinite
                ? ChartFrame.line(place(interval.lowerBound), 7, place(interval.upperBound), 7, "stroke s1 band") : ""
        }
        return """
            <svg class="span" viewBox="0 0 130 14" aria-hidden="true" xmlns="http://www.w3.org/2000/svg">\
            \(ChartFrame.line(5, 7, 125, 7, "track"))\(bar ?? "")\
            <circle class="fill s1" cx="\(Markup.coordinate(place(value)))" cy="7" r="4"/></svg>
            """
    }
}
