import Foundation

/// Text and numbers as they go into HTML and SVG.
package enum Markup {
    /// A text with what markup needs for itself written otherwise, and without characters that XML refuses.
    package static func escape(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{7f}"..<"\u{a0}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A coordinate, to a hundredth of a unit.
    package static func coordinate(_ value: Double) -> String {
        precondition(value.isFinite, "a coordinate that is no number")
        return decimals(value, 2, isTrimmed: true)
    }

    /// A figure with so many decimals; "–" where there is none.
    package static func number(_ value: Double?, decimals digits: Int = 4) -> String {
        guard let value, value.isFinite else { return "–" }
        return decimals(value, digits, isTrimmed: false)
    }

    /// A whole number, its digits in groups of three from five digits on.
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        guard digits.count > 4 else { return (value < 0 ? "−" : "") + digits }
        var groups: [Substring] = []
        var rest = digits[...]
        while !rest.isEmpty {
            groups.append(rest.suffix(3))
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "−" : "") + groups.reversed().joined(separator: "\u{202f}")
    }

    private static func decimals(_ value: Double, _ digits: Int, isTrimmed: Bool) -> String {
        var text = String(format: "%.\(digits)f", value)
        if isTrimmed, text.contains(".") {
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
        }
        if text.hasPrefix("-"), text.dropFirst().allSatisfy({ $0 == "0" || $0 == "." }) { text.removeFirst() }
        return text
    }
}
