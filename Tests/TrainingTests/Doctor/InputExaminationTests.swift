import Foundation
import TestSupport
import Testing
import Training

struct InputExaminationTests {
    /// What a host finds of the golden net with the contrastive loss, where its files are as an edit leaves them.
    private static func facts(_ edit: (ScratchDirectory) throws -> Void = { _ in }) throws -> InputFacts {
        let folder = try ScratchDirectory("host")
        for list in ["train1.txt", "train2.txt", "test1.txt", "test2.txt"] {
            try folder.write(list, Golden.text(list))
        }
        try folder.write("net.prototxt", Golden.text("net_contrastive/train_val.prototxt"))
        try FileManager.default.copyItem(atPath: Golden.path("images"), toPath: folder.file("images"))
        try edit(folder)
        var request = DoctorRequest()
        request.subject = .model(folder.file("net.prototxt"))
        return InputFacts({ try Definitions(request) }, options: request.options)
    }

    private static func examine(_ second: (ScratchDirectory) throws -> Void) throws -> [Finding] {
        InputExamination.examine([("node1", try facts()), ("node2", try facts(second))]).findings
    }

    @Test
    func alikeIsWell() throws {
        let findings = try Self.examine { _ in }
        #expect(findings.map(\.verdict) == [.ok, .ok])
        #expect(findings[0].check == "TRAIN" && findings[1].check == "TEST #0")
        #expect(findings[0].found == "train1.txt and train2.txt: 20 pairs; 40 sampled images are the same on 2 hosts")
    }

    @Test
    func aListThatDiffers() throws {
        let findings = try Self.examine { folder in
            var lines = try folder.text(of: "train2.txt").split(separator: "\n")
            // Another image with the same label.
            lines[6] = "images/02_chelsea_a.jpg \(lines[6].suffix(1))"
            try folder.write("train2.txt", lines.joined(separator: "\n"))
        }
        #expect(findings.complaints.count == 1)
        #expect(findings[0].verdict == .problem && findings[0].host == "node2")
        #expect(findings[0].found == "its train1.txt and train2.txt differ from node1's at line 7")
        #expect(findings[0].remedy?.contains("deploy/sync") == true)
    }

    @Test
    func aShorterList() throws {
        let findings = try Self.examine { folder in
            for list in ["train1.txt", "train2.txt"] {
                let lines = try folder.text(of: list).split(separator: "\n")
                try folder.write(list, lines.dropLast().joined(separator: "\n"))
            }
        }
        #expect(
            findings.complaints.map(\.found) == ["its train1.txt and train2.txt differ from node1's (19 lines for 20)"])
    }

    @Test
    func aMissingImage() throws {
        let name = try #require(try Golden.text("train1.txt").split(separator: " ").first.map(String.init))
        let findings = try Self.examine { try FileManager.default.removeItem(atPath: $0.file(name)) }
        let finding = try #require(findings.complaints.first)
        #expect(finding.host == "node2")
        #expect(finding.found.contains("train1.txt:1: no such file: \(name)"))
    }

    /// Another file of the same name.
    @Test
    func anotherImage() throws {
        let name = try #require(try Golden.text("train1.txt").split(separator: " ").first.map(String.init))
        let findings = try Self.examine { try $0.write(name, "another") }
        let finding = try #require(findings.complaints.first)
        #expect(finding.host == "node2")
        #expect(
            finding.found.contains(/\d+ of 40 sampled images are other files than on the other hosts, the first images/)
        )
    }

    @Test
    func filesThatCannotBeRead() throws {
        let list = try Self.examine { try FileManager.default.removeItem(atPath: $0.file("test1.txt")) }
        #expect(list.complaints.map(\.check) == ["TEST #0"])
        #expect(list.complaints[0].found.contains("test1.txt"))
        let net = try Self.examine { try $0.write("net.prototxt", "layer { nonsense: 1 }") }
        #expect(net.complaints.map(\.check) == ["definition"])
        #expect(net.complaints[0].host == "node2" && net.complaints[0].found.contains("nonsense"))
        // The other host's lists are well.
        #expect(net.count == 3)
    }
}
