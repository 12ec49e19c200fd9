import Foundation
import Pairs
import TestSupport
import Testing
import Verification

struct ContactSheetTests {
    @Test func rightAndWrongAreFramed() throws {
        var sheet = ContactSheet(title: "Search", subtitle: "2 queries")
        sheet.figures = [.init("Recall@1", 0.5, meaning: "", isKey: true)]
        let picture = Thumbnail.png(PNGFile.make(width: 1, height: 1, colorType: 0, samples: [9]))
        sheet.queries = [
            .init(
                picture: picture, name: "q<0>.png",
                hits: [
                    .init(picture: picture, name: "a.png", distance: 0.125, isRight: true),
                    .init(picture: picture, name: "b.png", distance: 0.25, isRight: false),
                ]),
            .init(
                picture: .missing("no such file"), name: "q1.png",
                hits: [.init(picture: picture, name: "c.png", distance: 0.5, isRight: nil)]),
        ]
        let html = sheet.html()
        let page = try XMLCheck(html)
        #expect(page.count("span", "frame right") == 1 && page.count("span", "frame wrong") == 1)
        #expect(page.count("span", "frame") == 3)
        #expect(page.count("img") == 4)
        #expect(html.contains("1. <b>0.1250</b>") && html.contains("2. <b>0.2500</b>"))
        #expect(html.contains("q&lt;0&gt;.png") && html.contains(">no such file</span>"))
    }
}

extension String.UTF8View {
    var asData: Data { Data(self) }
}
