import Testing
import Verification

struct MarkupTests {
    @Test func whatMarkupNeedsIsEscaped() {
        #expect(Markup.escape("<a href=\"x\">&'") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;")
        #expect(Markup.escape("漢\u{0}字\u{1b}\n") == "漢\u{fffd}字\u{fffd}\n")
    }

    @Test func coordinatesAreShort() {
        #expect(Markup.coordinate(1.5) == "1.5")
        #expect(Markup.coordinate(20) == "20")
        #expect(Markup.coordinate(0.126) == "0.13")
        #expect(Markup.coordinate(-0.001) == "0")
        #expect(Markup.coordinate(-2.25) == "-2.25")
    }

    @Test func figuresKeepTheirDecimals() {
        #expect(Markup.number(0.95) == "0.9500")
        #expect(Markup.number(12, decimals: 0) == "12")
        #expect(Markup.number(nil) == "–")
        #expect(Markup.number(.nan) == "–")
    }

    @Test func longCountsHaveGroups() {
        #expect(Markup.count(1234) == "1234")
        #expect(Markup.count(12345) == "12\u{202f}345")
        #expect(Markup.count(-1_234_567) == "−1\u{202f}234\u{202f}567")
    }
}
