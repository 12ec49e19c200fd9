import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The elements of a well-formed XML text, in the order in which they begin.
struct XMLCheck {
    struct Element {
        let name: String
        let attributes: [String: String]
    }

    let elements: [Element]

    /// Throws where the text is not well-formed.
    init(_ text: String) throws {
        let reader = Reader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        let isWhole = parser.parse()
        try #require(isWhole, "line \(parser.lineNumber): \(String(describing: parser.parserError))")
        elements = reader.elements
    }

    func count(_ name: String, _ kind: String? = nil) -> Int {
        elements.count { $0.name == name && (kind == nil || $0.attributes["class"] == kind) }
    }

    /// The numbers of all attributes that hold coordinates.
    var coordinates: [Double] {
        let names = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "viewBox"]
        return elements.flatMap { element in
            names.compactMap { element.attributes[$0] }.flatMap { text in
                text.split { " MLZ".contains($0) }.map { Double($0) ?? .nan }
            }
        }
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [Element] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements.append(Element(name: name, attributes: attributes))
        }
    }
}
