import Testing
import Verification

struct EvaluationReportTests {
    /// The page is well-formed, all coordinates are numbers inside of their charts, and nothing is fetched.
    @Test(arguments: [EvaluationReport.Score.distance, .probability])
    func thePageIsWhole(score: EvaluationReport.Score) throws {
        let html = try SampleReport.make(score).html()
        let page = try XMLCheck(html)
        #expect(page.count("svg", "chart") == 6)
        #expect(page.count("section") == 7)
        // One of the two figures has a value.
        #expect(page.count("svg", "span") == 1 && html.contains("Not told: TAR at FAR 10⁻⁴ (too few pairs)."))
        #expect(page.coordinates.count > 500)
        #expect(page.coordinates.allSatisfy { (0...720).contains($0) })
        for svg in page.elements where svg.attributes["class"] == "chart" { #expect(svg.attributes["role"] == "img") }
        #expect(page.count("title") >= 1 + page.count("svg", "chart"))
        #expect(page.count("script") == 0 && page.count("link") == 0)
        let images = page.elements.filter { $0.name == "img" }
        #expect(images.count == 3)
        #expect(images.allSatisfy { $0.attributes["src"]?.hasPrefix("data:image/png;base64,iVBOR") == true })
        let addresses = html.matches(of: #/https?:[^"<\s]*/#).map { String($0.output) }
        #expect(Set(addresses) == ["http://www.w3.org/2000/svg"])
        #expect(!html.contains("url("))
    }

    @Test func textIsEscaped() throws {
        let html = try SampleReport.make().html()
        #expect(html.contains("<h1>Evaluation of &lt;small&gt; &amp; &quot;large&quot;</h1>"))
        #expect(html.contains("<div class=\"path\">a&lt;1&gt;.png</div>"))
        #expect(html.contains("can&#39;t read the image: no such file &amp; so on</span>"))
    }

    /// Distances are shown as they are, those of a softmax head as the probability of a match.
    @Test func scoresAreShownAsTheHeadHasThem() throws {
        let distance = try SampleReport.make().html()
        #expect(distance.contains("<b>0.3100</b><span>line 7</span>"))
        #expect(distance.contains(">threshold 0.4000</text>"))
        #expect(distance.contains("or to the left of it"))
        let probability = try SampleReport.make(.probability).html()
        #expect(probability.contains("<b>p = 0.6900</b><span>line 7</span>"))
        #expect(probability.contains(">threshold 0.6000</text>"))
        #expect(probability.contains("or to the right of it"))
    }

    @Test func aThresholdFromTheTestIsMarkedSo() throws {
        var report = try SampleReport.make()
        #expect(!report.html().contains("chosen on the very pairs"))
        report.threshold = .init(
            distance: 0.4, origin: "chosen here", isFromTest: true, rates: .init(falseAccept: 0, trueAccept: 1))
        report.falseAccepts = []
        let html = report.html()
        #expect(html.contains("<p class=\"warning\">The threshold was chosen on the very pairs"))
        #expect(html.contains("No non-matching pair is accepted at the threshold (distance 0.4000)."))
    }

    /// Parts for which there is nothing are left out, and distances that are no numbers end nothing.
    @Test func whatIsNotThereIsLeftOut() throws {
        var report = EvaluationReport(title: "t", subtitle: "")
        #expect(try XMLCheck(report.html()).count("section") == 0)
        report.matching = [.nan, .infinity]
        report.training = TrainingCurves("{\"iteration\":1,\"loss\":\"inf\",\"phase\":\"train\"}".utf8.asData)
        let page = try XMLCheck(report.html())
        #expect(page.count("section") == 2)
        #expect(page.coordinates.allSatisfy { $0.isFinite })
    }

    /// A curve of many points is drawn with as many as can be seen.
    @Test func longCurvesStaySmall() {
        var report = EvaluationReport(title: "t", subtitle: "")
        let count = 200_000
        report.curve = (0...count).map { index in
            let rate = Double(index) / Double(count)
            return .init(falseAccept: rate, trueAccept: rate.squareRoot())
        }
        report.nonMatching = [Double](repeating: 1, count: count)
        #expect(report.html().utf8.count < 100_000)
    }
}
