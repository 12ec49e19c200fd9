package import Pairs

/// What a search found, as one HTML page: each query's picture, and beside it the nearest ones with their distances,
/// framed green where they are right and red where they are not.
package struct ContactSheet {
    /// A picture that was found.
    package struct Hit {
        package let picture: Thumbnail
        package let name: String
        package let distance: Double
        /// Whether it has the query's identity; nil where identities are not known.
        package let isRight: Bool?

        package init(picture: Thumbnail, name: String, distance: Double, isRight: Bool?) {
            self.picture = picture
            self.name = name
            self.distance = distance
            self.isRight = isRight
        }
    }

    package struct Query {
        package let picture: Thumbnail
        package let name: String
        /// The nearest first.
        package let hits: [Hit]

        package init(picture: Thumbnail, name: String, hits: [Hit]) {
            self.picture = picture
            self.name = name
            self.hits = hits
        }
    }

    package var title: String
    package var subtitle: String
    /// Index, queries, weights.
    package var facts: [(name: String, value: String)] = []
    /// Recall, mean average precision.
    package var figures: [EvaluationReport.Figure] = []
    package var queries: [Query] = []

    package init(title: String, subtitle: String) {
        self.title = title
        self.subtitle = subtitle
    }

    /// The whole page.
    package func html() -> String {
        var summary = EvaluationReport(title: title, subtitle: subtitle)
        summary.figures = figures
        let isJudged = queries.contains { $0.hits.contains { $0.isRight != nil } }
        let hint =
            "Left the query, then what is nearest to it, with distances."
            + (isJudged ? " A green frame and ✓: the same identity; a red one and ✗: another." : "")
        return HTMLPage.make(
            title: title, subtitle: subtitle, isBroad: true,
            body: summary.tiles + HTMLPage.facts(facts)
                + HTMLPage.section(
                    "Results", HTMLPage.paragraph(hint, "hint") + queries.map(Self.row).joined()))
    }

    private static func row(_ query: Query) -> String {
        let hits = query.hits.enumerated().map { rank, hit in
            let (frame, sign) =
                switch hit.isRight {
                case true?: ("frame right", "<span class=\"yes\" title=\"right\">✓</span>")
                case false?: ("frame wrong", "<span class=\"no\" title=\"wrong\">✗</span>")
                case nil: ("frame", "")
                }
            return """
                <div class="hit"><span class="\(frame)">\(HTMLPage.picture(hit.picture, name: hit.name))</span>\
                \(rank + 1). <b>\(Markup.number(hit.distance))</b> \(sign)\(path(hit.name))</div>

                """
        }
        return """
            <div class="query"><div class="hit asked"><span class="frame">\
            \(HTMLPage.picture(query.picture, name: query.name))</span>\(path(query.name))</div>
            <div class="found">
            \(hits.joined())</div></div>

            """
    }

    private static func path(_ name: String) -> String { "<div class=\"path\">\(Markup.escape(name))</div>" }
}
