extension EvaluationReport {
    /// The losses of the training by iteration, and a chart for each test output beside.
    var curves: String {
        guard let training, !training.isEmpty else { return "" }
        let charts = [Self.losses(training)].compactMap { $0 } + training.tests.map(Self.test)
        let cut =
            training.badLines == 0
            ? ""
            : HTMLPage.paragraph(
                "\(training.badLines) lines of the metrics file can't be read and are left out.", "hint")
        return HTMLPage.section("Training", "<div class=\"pair\">\n\(charts.joined())</div>\n\(cut)")
    }

    private static func losses(_ training: TrainingCurves) -> String? {
        let all = (training.loss + training.smoothedLoss)
        if all.isEmpty { return nil }
        var series: [LineChart.Series] = []
        if !training.loss.isEmpty {
            let look = training.smoothedLoss.isEmpty ? LineChart.Series.Look.plain : .faint
            series.append(.init(name: "loss", points: places(training.loss), color: "s1", look: look))
        }
        if !training.smoothedLoss.isEmpty {
            series.append(.init(name: "mean of the last losses", points: places(training.smoothedLoss), color: "s1"))
        }
        let chart = LineChart(
            title: "Loss of the training", summary: "Loss against iteration", x: iterations(all),
            y: values(all, label: "loss"), series: series)
        return HTMLPage.figure(chart.svg(), caption: "Loss of the training by iteration.")
    }

    private static func test(_ output: (name: String, points: [TrainingCurves.Point])) -> String {
        let chart = LineChart(
            title: "Test output \(output.name)", summary: "\(output.name) against iteration",
            x: iterations(output.points), y: values(output.points, label: output.name),
            series: [
                .init(name: output.name, points: places(output.points), color: "s3", hasDots: output.points.count <= 60)
            ],
            hasLegend: false)
        let last = output.points.last { $0.value.isFinite }
        let end = last.map { ": \(Markup.number($0.value)) at iteration \(Markup.count($0.iteration))" } ?? ""
        return HTMLPage.figure(chart.svg(), caption: "Test output \(output.name)\(end).")
    }

    private static func places(_ points: [TrainingCurves.Point]) -> [LineChart.Point] {
        points.map { .init(Double($0.iteration), $0.value) }
    }

    private static func iterations(_ points: [TrainingCurves.Point]) -> ChartAxis {
        ChartAxis(linear: "iteration", covering: points.map { Double($0.iteration) }, isTight: true)
    }

    /// Logarithmic where the greatest value is a hundred times the least and none is zero or less.
    private static func values(_ points: [TrainingCurves.Point], label: String) -> ChartAxis {
        let values = points.map(\.value).filter(\.isFinite)
        if let low = values.min(), let high = values.max(), low > 0, high > 100 * low {
            return ChartAxis(logarithmic: label, covering: values)
        }
        return ChartAxis(linear: label, covering: values)
    }
}
