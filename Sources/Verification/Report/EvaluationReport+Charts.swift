extension EvaluationReport {
    /// The ROC curve with linear axes, and again with a logarithmic one where few false accepts are shown large.
    var roc: String {
        guard !curve.isEmpty else { return "" }
        let linear = """
            The share of matching pairs that are accepted, against that of others accepted with them; the dotted line is \
            chance, and where the other diagonal crosses the curve both errors are equal.
            """
        let logarithmic = """
            The same where false accepts are rare. One false accept in \(Markup.count(nonMatching.count)) non-matching \
            pairs is the least that can be told.\(marks.isEmpty ? "" : " The bars are intervals of 95 %.")
            """
        return HTMLPage.section(
            "ROC curve",
            """
            <div class="pair">
            \(HTMLPage.figure(linearROC.svg(), caption: linear))\
            \(HTMLPage.figure(logarithmicROC.svg(), caption: logarithmic))\
            </div>

            """)
    }

    private var points: [LineChart.Point] { curve.map { LineChart.Point($0.falseAccept, $0.trueAccept) } }

    private var operating: [LineChart.Mark] {
        threshold.map { threshold in
            let point = LineChart.Point(threshold.rates.falseAccept, threshold.rates.trueAccept)
            return [LineChart.Mark(point: point, name: "threshold", color: "s2")]
        } ?? []
    }

    private var linearROC: LineChart {
        LineChart(
            title: "ROC curve, linear axes",
            summary: "True accept rate against false accept rate, \(curve.count) points",
            x: ChartAxis(linear: "false accept rate", covering: [0, 1]),
            y: ChartAxis(linear: "true accept rate", covering: [0, 1]),
            series: [.init(name: "ROC", points: points, color: "s1")], marks: operating,
            guide: (.init(0, 0), .init(1, 1)), hasLegend: false)
    }

    private var logarithmicROC: LineChart {
        let least = 1 / Double(max(nonMatching.count, 10))
        let intervals = marks.map { mark in
            LineChart.Mark(
                point: .init(mark.rates.falseAccept, mark.rates.trueAccept), range: mark.interval, name: "",
                color: "s1")
        }
        return LineChart(
            title: "ROC curve, logarithmic false accept rate",
            summary: "True accept rate against the logarithm of the false accept rate",
            x: ChartAxis(logarithmic: "false accept rate", covering: [least, 1]),
            y: ChartAxis(linear: "true accept rate", covering: [0, 1]),
            series: [.init(name: "ROC", points: points, color: "s1")], marks: intervals + operating, hasLegend: false)
    }

    /// How distances (or probabilities) of both kinds of pairs are spread.
    var histogram: String {
        guard !matching.isEmpty || !nonMatching.isEmpty else { return "" }
        let name = score == .distance ? "Distances" : "Probabilities"
        let chart = HistogramChart(
            title: "\(name) of matching and non-matching pairs",
            summary: "Shares of \(matching.count) matching and \(nonMatching.count) non-matching pairs by \(scoreName)",
            label: scoreName,
            groups: [
                .init(
                    name: "matching (\(Markup.count(matching.count)))", values: matching.map(shown), color: "s1"),
                .init(
                    name: "non-matching (\(Markup.count(nonMatching.count)))", values: nonMatching.map(shown),
                    color: "s2"),
            ],
            threshold: threshold.map { (shown($0.distance), "threshold \(Markup.number(shown($0.distance)))") })
        let caption = threshold.map(verdict(on:)) ?? "Each shape has the same area."
        return HTMLPage.section(
            name,
            "<div class=\"single\">\(HTMLPage.figure(chart.svg(), caption: caption))</div>\n")
    }

    /// What the threshold does, in words.
    private func verdict(on threshold: Threshold) -> String {
        func percent(_ rate: Double) -> String { Markup.number(100 * rate, decimals: 2) + " %" }
        return """
            Pairs at the threshold or to the \(score == .distance ? "left" : "right") of it are accepted: \
            \(percent(threshold.rates.trueAccept)) of the matching and \(percent(threshold.rates.falseAccept)) of the \
            others. It was \(threshold.origin).
            """
    }

    /// Whether of the pairs that are called 80 % likely to match 80 % do.
    var calibration: String {
        guard !reliability.isEmpty else { return "" }
        let caption = """
            On the dotted line a predicted probability is the share of pairs that match: below it the prediction is too \
            sure of a match, above it not sure enough.
            """
        let chart = LineChart(
            title: "Reliability", summary: "Share of matching pairs against the predicted probability",
            x: ChartAxis(linear: "predicted probability", covering: [0, 1]),
            y: ChartAxis(linear: "share that matches", covering: [0, 1]),
            series: reliability.enumerated().map { index, curve in
                LineChart.Series(
                    name: curve.name,
                    points: curve.bins.filter { $0.count > 0 }.map { .init($0.predicted, $0.observed) },
                    color: "s\(index % 8 + 1)", hasDots: true)
            },
            guide: (.init(0, 0), .init(1, 1)), size: .full)
        return HTMLPage.section(
            "Calibration",
            "<div class=\"single\">\(HTMLPage.figure(chart.svg(), caption: caption))</div>\n")
    }
}
