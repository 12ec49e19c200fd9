import Foundation
import Pairs

/// A whole HTML page that needs nothing but itself: no network, no scripts; it is well-formed XML, too.
enum HTMLPage {
    /// A page with a title and what stands in it.
    ///
    /// - Parameter isBroad: for rows of pictures, which need more room than text.
    static func make(title: String, subtitle: String, isBroad: Bool = false, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
        <title>\(Markup.escape(title))</title>
        <style>
        \(ReportStyle.sheet)
        </style>
        </head>
        <body>
        <main class="\(isBroad ? "broad" : "column")">
        <header><h1>\(Markup.escape(title))</h1><p class="subtitle">\(Markup.escape(subtitle))</p></header>
        \(body)
        <footer>Made by TwoTower. This page holds all that it shows; no network is needed.</footer>
        </main>
        </body>
        </html>

        """
    }

    /// A part of the page with a heading.
    static func section(_ heading: String, _ content: String) -> String {
        "<section><h2>\(Markup.escape(heading))</h2>\n\(content)</section>\n"
    }

    static func paragraph(_ text: String, _ kind: String = "") -> String {
        kind.isEmpty ? "<p>\(Markup.escape(text))</p>\n" : "<p class=\"\(kind)\">\(Markup.escape(text))</p>\n"
    }

    /// Names with their values: a net, its weights, how many pairs.
    static func facts(_ facts: [(name: String, value: String)]) -> String {
        let items = facts.map {
            "<div><dt>\(Markup.escape($0.name))</dt><dd>\(Markup.escape($0.value))</dd></div>\n"
        }
        return facts.isEmpty ? "" : "<dl class=\"facts\">\n\(items.joined())</dl>\n"
    }

    /// A chart with what it says.
    static func figure(_ svg: String, caption: String) -> String {
        "<figure>\(svg)<figcaption>\(Markup.escape(caption))</figcaption></figure>\n"
    }

    /// A picture inside of the page, or why there is none.
    static func picture(_ thumbnail: Thumbnail, name: String) -> String {
        switch thumbnail {
        case .png(let bytes):
            let data = Data(bytes).base64EncodedString()
            return
                "<img alt=\"\(Markup.escape(name))\" title=\"\(Markup.escape(name))\" src=\"data:image/png;base64,\(data)\"/>"
        case .missing(let reason):
            return "<span class=\"missing\" title=\"\(Markup.escape(reason))\">\(Markup.escape(reason))</span>"
        }
    }
}
