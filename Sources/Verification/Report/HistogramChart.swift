/// How two groups of values are spread, as two translucent shapes of the same total, with a line at a threshold.
package struct HistogramChart {
    /// A group of values, drawn as shares of the group.
    struct Group {
        let name: String
        let values: [Double]
        /// The class of its colour.
        let color: String
    }

    let title: String
    let summary: String
    let label: String
    let groups: [Group]
    /// Where the line stands, and what is written on it.
    var threshold: (value: Double, name: String)?

    /// About how many bars there are: fewer for few values.
    private static func parts(_ values: Int) -> Double { values < 400 ? 24 : 48 }

    /// Bars of one width that begin at multiples of it, and each group's share in each, in percent.
    package struct Bins: Equatable {
        package let start: Double
        package let width: Double
        package let shares: [[Double]]

        /// Values that are no numbers are in no bar, but count in their group.
        package init(_ groups: [[Double]]) {
            let finite = groups.joined().lazy.filter(\.isFinite)
            let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
            let width =
                high > low ? ChartAxis.roundStep(high - low, parts: HistogramChart.parts(groups.joined().count)) : 1
            let first = (low / width).rounded(.down)
            let count = Int((high / width).rounded(.down) - first) + 1
            shares = groups.map { values in
                var counts = [Int](repeating: 0, count: count)
                for value in values where value.isFinite {
                    counts[min(max(Int((value / width).rounded(.down) - first), 0), count - 1)] += 1
                }
                return counts.map { values.isEmpty ? 0 : 100 * Double($0) / Double(values.count) }
            }
            start = first * width
            self.width = width
        }

        func edge(_ index: Int) -> Double { start + Double(index) * width }
    }

    func svg() -> String {
        let bins = Bins(groups.map(\.values))
        let count = bins.shares.first?.count ?? 0
        var ends = [bins.start, bins.edge(count)]
        if let threshold { ends.append(threshold.value) }
        let frame = ChartFrame(
            title: title, summary: summary, x: ChartAxis(linear: label, covering: ends, isTight: true),
            // With room above for the threshold's name.
            y: ChartAxis(linear: "share of the pairs, %", covering: [0, 1.12 * (bins.shares.joined().max() ?? 0)]),
            legend: groups.map { ChartFrame.Entry($0.name, color: $0.color) }, size: .full)
        let shapes = zip(groups, bins.shares).map { Self.shape($1, bins, $0.color, in: frame) }
        return frame.svg(shapes.joined() + line(in: frame))
    }

    /// The outline of the bars, filled down to the axis.
    private static func shape(_ shares: [Double], _ bins: Bins, _ color: String, in frame: ChartFrame) -> String {
        var path = ""
        func add(_ x: Double, _ y: Double) {
            let (x, y) = (frame.placeX(x), frame.placeY(y))
            path += "\(path.isEmpty ? "M" : "L")\(Markup.coordinate(x)) \(Markup.coordinate(y))"
        }
        add(bins.start, 0)
        for (index, share) in shares.enumerated() {
            // Bars of one height in a row have one line.
            if index > 0, shares[index - 1] == share { continue }
            if index > 0 { add(bins.edge(index), shares[index - 1]) }
            add(bins.edge(index), share)
        }
        add(bins.edge(shares.count), shares.last ?? 0)
        add(bins.edge(shares.count), 0)
        return "<path class=\"area \(color)\" d=\"\(path)Z\"/>\n"
    }

    private func line(in frame: ChartFrame) -> String {
        guard let threshold, threshold.value.isFinite else { return "" }
        let x = frame.placeX(threshold.value)
        let isRight = x + 8 + ChartFrame.width(of: threshold.name) < frame.plotRight
        return ChartFrame.line(x, frame.plotTop, x, frame.plotBottom, "threshold")
            + ChartFrame.text(
                x + (isRight ? 7 : -7), frame.plotTop + 14, threshold.name, "note", isRight ? .start : .end)
    }
}
