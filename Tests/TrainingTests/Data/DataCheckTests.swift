import Comm
import Foundation
import Pairs
import TestSupport
import Testing
import Training

/// What `twotower check-data` finds in lists that have one of everything.
@Suite(.timeLimit(.minutes(5)))
struct DataCheckTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory("data") }

    private static let images = Golden.directory.appending(path: "images").path

    /// Lists for training, two columns, and what they say in each column.
    private func lists(
        _ name: String, _ pairs: [(String, String, String)], isTraining: Bool = true
    ) throws -> CheckedLists {
        let files = try (0..<2).map { column in
            try scratch.write(
                "\(name)\(column + 1).txt",
                pairs.map { "\(column == 0 ? $0.0 : $0.1) \($0.2)\n" }.joined())
        }
        return try CheckedLists(
            files, name: isTraining ? "TRAIN" : "TEST", isTraining: isTraining, rootFolder: scratch.path + "/")
    }

    private func copy(_ name: String, _ golden: String) throws {
        try scratch.write(name, try Data(contentsOf: URL(filePath: Golden.path(golden))))
    }

    /// All findings, "kind: sentence", in any order, with the scratch folder's path taken out; and the report's text.
    private func findings(_ sets: [CheckedLists], ranks: Int = 1) throws -> (lines: [String], report: String) {
        let path = scratch.path
        let found = try ThreadCommunicator.run(ranks) { communicator in
            let check = try communicator.together {
                try DataCheck.run(sets, pixelLimit: 1_000_000, threads: 2, communicator: communicator)
            }
            #expect((check != nil) == communicator.isRankZero)
            return try check.map { check in
                let report = DataReport(check)
                let file = path + "/report-\(ranks).txt"
                try report.write(to: file)
                return (try String(contentsOfFile: file, encoding: .utf8), report.text(examples: 1))
            }
        }
        let (file, text) = try #require(found[0])
        let lines = file.split(separator: "\n").map {
            String($0).replacing("\t", with: ": ").replacing(path + "/", with: "")
        }
        return (lines, text)
    }

    /// Every kind of problem, with the same words whatever the number of ranks.
    @Test func everythingIsFound() throws {
        try copy("a.jpg", "images/13_ihc_b.jpg")
        try copy("b.jpg", "images_extra/samp_420_odd.jpg")
        try copy("same.jpg", "images/13_ihc_b.jpg")
        try copy("bmp.jpg", "images_extra/bmp24.bmp")
        try copy("cut.jpg", "images_extra/truncated_half.jpg")
        try copy("large.jpg", "images/06_hubble_a.jpg")
        try copy("tall.jpg", "images_extra/tall_3x300.jpg")
        let training = try lists(
            "train",
            [
                ("a.jpg", "b.jpg", "1"), ("none.jpg", "a.jpg", "1"), ("bmp.jpg", "cut.jpg", "1"),
                ("b.jpg", "same.jpg", "1"), ("a.jpg", "b.jpg", "0"), ("a.jpg", "same.jpg", "1"),
                ("tall.jpg", "b.jpg", "0"), ("tall.jpg", "a.jpg", "1"), (".", "a.jpg", "1"),
            ])
        let test = try lists(
            "test", [("same.jpg", "large.jpg", "1"), ("large.jpg", "tall.jpg", "0")], isTraining: false)
        let expected = [
            "missing: train1.txt:2: none.jpg: can't read the image: No such file or directory",
            "unreadable: train1.txt:9: .: can't read the image: Is a directory",
            "notImage: train1.txt:3: bmp.jpg: expected a JPEG or PNG image, found a BMP image; convert it to JPEG or PNG",
            "damaged: train2.txt:3: cut.jpg: the JPEG is damaged or cut off: Premature end of JPEG file; replace it, or "
                + "take its line out of all lists",
            "leak: test1.txt:1: same.jpg is in the training as well: train1.txt:1 (a.jpg)",
            "leak: test2.txt:2: tall.jpg is in the training as well: train1.txt:7",
            "conflict: train1.txt:5: label 0, but the same two images have another at train1.txt:1",
            "repeatedPair: train1.txt:4: the two images are a pair already: train1.txt:1 (a.jpg)",
            "selfPair: train1.txt:6: both images of the pair are a.jpg",
            "duplicate: train2.txt:4: same.jpg has the content of train1.txt:1 (a.jpg)",
            "oddSize: train2.txt:1: b.jpg: it is 150×100 where most are 64×64 (width×height)",
            "oddSize: train1.txt:4: b.jpg: it is 150×100 where most are 64×64 (width×height)",
            "oddSize: train1.txt:7: tall.jpg: it is 3×300 where most are 64×64 (width×height)",
            "oddSize: test1.txt:1: same.jpg: it is 64×64 where most are 512×512 (width×height)",
            "oddSize: test2.txt:2: tall.jpg: it is 3×300 where most are 512×512 (width×height)",
        ]
        for ranks in 1...4 {
            let found = try findings([training, test], ranks: ranks).lines
            #expect(found.sorted() == expected.sorted(), "\(ranks) ranks")
        }
    }

    @Test func goodListsHaveFigures() throws {
        let training = try lists(
            "train",
            [("13_ihc_b.jpg", "11_rocket_b.jpg", "1"), ("11_rocket_b.jpg", "22_moon_a_gray.jpg", "0")].map {
                ("images/\($0.0)", "images/\($0.1)", $0.2)
            })
        try scratch.link("images", to: Self.images)
        let found = try findings([training])
        #expect(found.lines.filter { !$0.hasPrefix("odd") } == [])
        #expect(found.report.contains("2 pairs (label 0: 1, label 1: 1)"))
        // The mean over the images as often as they are named, from pixels that Caffe read.
        let names = ["13_ihc_b.jpg", "11_rocket_b.jpg", "11_rocket_b.jpg", "22_moon_a_gray.jpg"]
        let means = try names.map { name in
            let pixels = try Golden.array("preproc/native/\(name).npy").values
            let plane = pixels.count / 3
            return (0..<3).map { pixels[$0 * plane..<($0 + 1) * plane].reduce(0.0) { $0 + Double($1) } / Double(plane) }
        }
        let mean = (0..<3).map { channel in
            String(format: "%.2f", means.reduce(0) { $0 + $1[channel] } / 4)
        }
        #expect(found.report.contains("mean B, G, R \(mean.joined(separator: ", "))"), "\(found.report), not \(mean)")
    }

    /// A net says what becomes of images: without a resize they must have one size, and a contrastive loss reads labels.
    @Test func theNetCounts() throws {
        let run = try GoldenRun(
            "net_contrastive",
            editNet: { net in
                net = net.replacing(/new_(height|width): \d+/, with: "")
            })
        let sets = try CheckedLists.all(ofNet: run.net("net_contrastive"), options: RunOptions())
        #expect(sets.map(\.name) == ["TRAIN", "TEST"])
        let found = try findings(sets).lines
        let wrong = found.filter { $0.hasPrefix("wrongSize: ") }
        #expect(wrong.count > 10)
        #expect(wrong.first?.contains("pixels where the first of its list is 256×256") == true, "\(wrong)")
        #expect(!found.contains { $0.hasPrefix("oddSize") || $0.hasPrefix("oddShape") })
    }

    /// What is resized may have any size, but not any shape.
    @Test func shapesThatAResizeSpoils() throws {
        let run = try GoldenRun("net_contrastive")
        let found = try findings(CheckedLists.all(ofSolver: run.solver, options: RunOptions())).lines
        #expect(
            found.filter { $0.hasPrefix("odd") } == [
                "oddShape: train1.txt:7: images/09_retina_b.jpg: it is 97×311 (width×height), 3.2 times too tall for 64×64",
                "oddShape: train2.txt:6: images/07_hubble_b.jpg: it is 311×97 (width×height), 3.2 times too wide for 64×64",
                "oddShape: train2.txt:8: images/09_retina_b.jpg: it is 97×311 (width×height), 3.2 times too tall for 64×64",
                "oddShape: test1.txt:4: images/07_hubble_b.jpg: it is 311×97 (width×height), 3.2 times too wide for 64×64",
            ])
    }

    @Test func labelsOfAContrastiveLoss() throws {
        let run = try GoldenRun("net_contrastive")
        for file in ["train1.txt", "train2.txt"] {
            let text = try Golden.text(file)
            let name = "net_contrastive/\(file)"
            try FileManager.default.removeItem(atPath: run.folder.file(name))
            try run.folder.write(
                name,
                text.split(separator: "\n").enumerated().map { $0 == 3 ? $1.dropLast() + "3\n" : $1 + "\n" }.joined())
        }
        let sets = try CheckedLists.all(ofSolver: run.solver, options: RunOptions())
        let odd = try findings(sets).lines.filter { $0.hasPrefix("oddLabel") }
        #expect(
            odd == [
                "oddLabel: train1.txt:4: the label is 3, which the contrastive loss takes for \"similar\"; 1 is similar, "
                    + "0 is not"
            ])
    }

    @Test func netsWithoutListsAreRefused() throws {
        let net = try scratch.write("net.prototxt", "name: \"none\"\n")
        #expect(throws: (any Error).self) { try CheckedLists.all(ofNet: net, options: RunOptions()) }
    }
}
