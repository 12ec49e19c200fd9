import Foundation
import Pairs
import TestSupport
import Testing

/// How pages look in a browser without a network, where there is one (Debian's chromium).
struct ScreenshotTests {
    private static let browser = "/usr/bin/chromium"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: browser), "needs Debian's chromium"))
    func theReportIsDrawn() throws {
        let scratch = try ScratchDirectory("screenshot")
        let page = try scratch.write("report.html", try SampleReport.make().html())
        let shot = scratch.file("shot.png")
        let run = try Command.run(
            Self.browser,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,3200",
                "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=\(scratch.file("profile"))",
                "--screenshot=\(shot)", "file://\(page)",
            ], timeout: 90)
        try #require(run.status == 0, "\(run.standardError)")
        let size = try ImageDecoder().size(of: shot)
        #expect(size == .init(width: 1000, height: 3200))
        // What is nearly one colour packs into some hundred bytes; text and charts in every part don't.
        let thumbnail = try Thumbnailer(maxSide: 400).png(of: shot)
        #expect(thumbnail.count > 10_000, "\(thumbnail.count) bytes: the page is nearly blank")
    }
}
