/// What all charts have: the place of the plot in the picture, grid, axes, legend and title, as inline SVG.
///
/// Colours come from the page's style sheet by class, so that they follow a dark background and print.
struct ChartFrame {
    struct Entry {
        let name: String
        /// The class of the colour, "s1" and on.
        let color: String
        /// The class of how the line is drawn.
        let look: String

        init(_ name: String, color: String, look: String = "plain") {
            self.name = name
            self.color = color
            self.look = look
        }
    }

    let title: String
    /// What the chart shows, for those who don't see it.
    let summary: String
    let x: ChartAxis
    let y: ChartAxis
    var legend: [Entry] = []

    /// How much of the page's width a chart takes; pages scale it, letters and all, to what they have.
    enum Size {
        case full, half

        var width: Double { self == .full ? 720 : 480 }
        var height: Double { self == .full ? 400 : 330 }
    }

    var size = Size.half

    var plotLeft: Double { 62 }
    var plotRight: Double { size.width - 18 }
    var plotTop: Double { legend.isEmpty ? 16 : 40 }
    var plotBottom: Double { size.height - 50 }

    func placeX(_ value: Double) -> Double { plotLeft + x.place(value) * (plotRight - plotLeft) }
    func placeY(_ value: Double) -> Double { plotBottom - y.place(value) * (plotBottom - plotTop) }

    /// The whole SVG element around what is drawn in the plot.
    func svg(_ content: String) -> String {
        """
        <svg class="chart" viewBox="0 0 \(Markup.coordinate(size.width)) \(Markup.coordinate(size.height))" \
        role="img" xmlns="http://www.w3.org/2000/svg"><title>\(Markup.escape(title))</title>\
        <desc>\(Markup.escape(summary))</desc>
        \(grid)\(content)\(axes)\(names)</svg>
        """
    }

    /// A straight line.
    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) -> String {
        let at = [x1, y1, x2, y2].map(Markup.coordinate)
        return "<line class=\"\(kind)\" x1=\"\(at[0])\" y1=\"\(at[1])\" x2=\"\(at[2])\" y2=\"\(at[3])\"/>\n"
    }

    enum Anchor: String { case start, middle, end }

    static func text(_ x: Double, _ y: Double, _ text: String, _ kind: String, _ anchor: Anchor) -> String {
        """
        <text class="\(kind)" x="\(Markup.coordinate(x))" y="\(Markup.coordinate(y))" \
        text-anchor="\(anchor.rawValue)">\(Markup.escape(text))</text>

        """
    }

    /// About how wide a text of the charts' size is.
    static func width(of text: String) -> Double { 6.6 * Double(text.count) }

    private var grid: String {
        x.ticks.map { tick in
            let place = placeX(tick.value)
            return Self.line(place, plotTop, place, plotBottom, tick.text.isEmpty ? "grid fine" : "grid")
        }.joined()
            + y.ticks.map { tick in
                let place = placeY(tick.value)
                return Self.line(plotLeft, place, plotRight, place, tick.text.isEmpty ? "grid fine" : "grid")
            }.joined()
    }

    private var axes: String {
        let middle = (plotTop + plotBottom) / 2
        let numbers =
            x.ticks.filter { !$0.text.isEmpty }.map {
                Self.text(placeX($0.value), plotBottom + 18, $0.text, "tick", .middle)
            }
            + y.ticks.filter { !$0.text.isEmpty }.map {
                Self.text(plotLeft - 8, placeY($0.value) + 4, $0.text, "tick", .end)
            }
        return Self.line(plotLeft, plotBottom, plotRight, plotBottom, "axis")
            + Self.line(plotLeft, plotTop, plotLeft, plotBottom, "axis")
            + numbers.joined()
            + Self.text((plotLeft + plotRight) / 2, size.height - 9, x.label, "label", .middle)
                + """
                <text class="label" transform="translate(16 \(Markup.coordinate(middle))) rotate(-90)" \
                text-anchor="middle">\(Markup.escape(y.label))</text>

                """
    }

    private var names: String {
        var at = plotLeft
        return legend.map { entry in
            defer { at += 32 + Self.width(of: entry.name) + 18 }
            let kind = "stroke \(entry.color) \(entry.look)"
            return Self.line(at, 18, at + 24, 18, kind) + Self.text(at + 32, 22, entry.name, "label", .start)
        }.joined()
    }
}
