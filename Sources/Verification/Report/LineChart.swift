/// Lines over two axes, with marks at single points, as inline SVG.
struct LineChart {
    struct Point: Equatable {
        let x: Double
        let y: Double

        init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    struct Series {
        enum Look: String { case plain, faint }

        let name: String
        let points: [Point]
        /// The class of its colour.
        let color: String
        var look = Look.plain
        /// Whether each point has a dot, where they are few.
        var hasDots = false
    }

    /// A point with a name, and maybe the range in which it may lie upwards and downwards.
    struct Mark {
        let point: Point
        var range: ClosedRange<Double>?
        let name: String
        let color: String
    }

    let title: String
    let summary: String
    let x: ChartAxis
    let y: ChartAxis
    let series: [Series]
    var marks: [Mark] = []
    /// A dashed line between two points, such as that of chance.
    var guide: (from: Point, to: Point)?
    var hasLegend = true
    var size = ChartFrame.Size.half

    /// Points nearer to the one before than this are left out, in units of the picture.
    private static let resolution = 0.4

    func svg() -> String {
        let legend =
            hasLegend ? series.map { ChartFrame.Entry($0.name, color: $0.color, look: $0.look.rawValue) } : []
        let frame = ChartFrame(title: title, summary: summary, x: x, y: y, legend: legend, size: size)
        let line = guide.map { guide in
            ChartFrame.line(
                frame.placeX(guide.from.x), frame.placeY(guide.from.y), frame.placeX(guide.to.x),
                frame.placeY(guide.to.y), "guide")
        }
        return frame.svg(
            (line ?? "") + series.map { Self.path($0, in: frame) }.joined()
                + marks.map { Self.mark($0, in: frame) }.joined())
    }

    /// One path a series, which begins anew behind points that are no numbers.
    private static func path(_ series: Series, in frame: ChartFrame) -> String {
        var path = ""
        var dots = ""
        var last: (x: Double, y: Double)?
        var left: (x: Double, y: Double)?
        func add(_ place: (x: Double, y: Double)) {
            path += "\(last == nil ? "M" : "L")\(Markup.coordinate(place.x)) \(Markup.coordinate(place.y))"
            if series.hasDots { dots += dot(place.x, place.y, radius: 3, series.color) }
            (last, left) = (place, nil)
        }
        for point in series.points {
            guard point.x.isFinite, point.y.isFinite else {
                if let left { add(left) }
                (last, left) = (nil, nil)
                continue
            }
            let place = (x: frame.placeX(point.x), y: frame.placeY(point.y))
            if let last, max(abs(place.x - last.x), abs(place.y - last.y)) < resolution {
                left = place
            } else {
                add(place)
            }
        }
        if let left { add(left) }
        if path.isEmpty { return "" }
        return "<path class=\"stroke \(series.color) \(series.look.rawValue)\" d=\"\(path)\"/>\n\(dots)"
    }

    private static func mark(_ mark: Mark, in frame: ChartFrame) -> String {
        guard mark.point.x.isFinite, mark.point.y.isFinite else { return "" }
        let (x, y) = (frame.placeX(mark.point.x), frame.placeY(mark.point.y))
        var drawn = ""
        if let range = mark.range, range.lowerBound.isFinite, range.upperBound.isFinite {
            let (low, high) = (frame.placeY(range.lowerBound), frame.placeY(range.upperBound))
            let kind = "stroke whisker \(mark.color)"
            drawn = ChartFrame.line(x, low, x, high, kind)
            for end in [low, high] { drawn += ChartFrame.line(x - 4, end, x + 4, end, kind) }
        }
        drawn += dot(x, y, radius: 4.5, mark.color, mark.name)
        let isRight = x + 10 + ChartFrame.width(of: mark.name) < frame.plotRight
        let below = y + 18 < frame.plotBottom ? y + 18 : y - 8
        return drawn + ChartFrame.text(x + (isRight ? 9 : -9), below, mark.name, "note", isRight ? .start : .end)
    }

    private static func dot(_ x: Double, _ y: Double, radius: Double, _ color: String, _ name: String = "") -> String {
        """
        <circle class="fill \(color)" cx="\(Markup.coordinate(x))" cy="\(Markup.coordinate(y))" \
        r="\(Markup.coordinate(radius))">\(name.isEmpty ? "" : "<title>\(Markup.escape(name))</title>")</circle>

        """
    }
}
