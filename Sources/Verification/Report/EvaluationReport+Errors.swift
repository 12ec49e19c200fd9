extension EvaluationReport {
    /// The worst false accepts and false rejects, as pictures side by side.
    var errors: String {
        guard let threshold else { return "" }
        let at = "\(score == .distance ? "distance" : "p") \(Markup.number(shown(threshold.distance)))"
        return HTMLPage.section(
            "Worst false accepts",
            Self.cards(
                falseAccepts, scores: falseAccepts.map { self.text($0.distance) },
                intro:
                    "The non-matching pairs that are closest of those accepted (threshold: \(at)).",
                none: "No non-matching pair is accepted at the threshold (\(at))."))
            + HTMLPage.section(
                "Worst false rejects",
                Self.cards(
                    falseRejects, scores: falseRejects.map { self.text($0.distance) },
                    intro:
                        "The matching pairs that are farthest of those rejected (threshold: \(at)).",
                    none: "No matching pair is rejected at the threshold (\(at))."))
    }

    private func text(_ distance: Double) -> String {
        score == .distance ? Markup.number(distance) : "p = \(Markup.number(shown(distance)))"
    }

    private static func cards(_ pairs: [Pair], scores: [String], intro: String, none: String) -> String {
        if pairs.isEmpty { return HTMLPage.paragraph(none) }
        let cards = zip(pairs, scores).map { pair, score in
            let sides = pair.pictures.enumerated().map { index, picture in
                let name = index < pair.paths.count ? pair.paths[index] : pair.place
                return "<span class=\"frame\">\(HTMLPage.picture(picture, name: name))</span>"
            }
            let paths = pair.paths.map { "<div class=\"path\">\(Markup.escape($0))</div>" }
            return """
                <div class="card"><div class="sides">\(sides.joined())</div>\
                <div class="score"><b>\(Markup.escape(score))</b><span>\(Markup.escape(pair.place))</span></div>\
                \(paths.joined())</div>

                """
        }
        return HTMLPage.paragraph(intro, "hint") + "<div class=\"cards\">\n\(cards.joined())</div>\n"
    }
}
