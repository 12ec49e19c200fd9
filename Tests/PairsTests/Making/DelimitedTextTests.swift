import Pairs
import Testing

struct DelimitedTextTests {
    private func rows(_ text: String) throws -> [[String]] {
        var reader = DelimitedText(Array(text.utf8))
        var rows: [[String]] = []
        while try reader.next() { rows.append(reader.values.map { String(decoding: $0, as: UTF8.self) }) }
        return rows
    }

    @Test(arguments: [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("\u{feff}a,b\r\n\r\nc,d", [["a", "b"], ["c", "d"]]),
        ("\"a, b\",\"say \"\"no\"\"\"\r\n\"two\nlines\",\"\"\n", [["a, b", "say \"no\""], ["two\nlines", ""]]),
        (",\n", [["", ""]]), ("a,", [["a", ""]]), ("", []), ("\n\n", []), ("a", [["a"]]), ("\"a\"", [["a"]]),
        ("a\tb, \"c\"\n\t\n", [["a", "b, \"c\""], ["", ""]]),
        ("ä ö, ü \n", [["ä ö", " ü "]]),
    ])
    func values(text: String, expected: [[String]]) throws {
        #expect(try rows(text) == expected)
    }

    @Test(arguments: [
        ("a,b\nc \"d\",e\n", 2, "a quote inside a value that doesn't begin with one"),
        ("a\n\"b\nc\"d\n", 3, "a value goes on behind its closing quote"),
        ("a\n\nb,\"c\nd\n", 3, "a value's opening quote is never closed"),
    ])
    func faults(text: String, line: Int, problem: String) {
        #expect(throws: DelimitedText.Failure(line: line, problem: problem)) { try rows(text) }
    }

    /// A row's line is where it begins, also behind values with line breaks.
    @Test func lines() throws {
        var reader = DelimitedText(Array("\"a\nb\",c\n\nd,e\n".utf8))
        var lines: [Int] = []
        while try reader.next() { lines.append(reader.line) }
        #expect(lines == [1, 4])
    }
}
