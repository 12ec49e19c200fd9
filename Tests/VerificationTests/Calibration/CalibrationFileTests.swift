import Foundation
import TestSupport
import Testing
import Verification

struct CalibrationFileTests {
    /// Ten people with images in two numbers, pairs of them, and enrolment.
    static func data() -> CalibrationData {
        var noise = TestNoise("calibration data")
        var (images, identities) = (EmbeddingRows(length: 2), [String]())
        for person in 0..<10 {
            let centre = [Double(person % 4) * 3, Double(person / 4) * 3]
            for _ in 0..<8 {
                images.append(centre.map { Float($0 + noise.normal() * 0.7) })
                identities.append("p\(person)")
            }
        }
        var (table, first, second) = (DistanceTable(), [Int](), [Int]())
        for index in 0..<400 {
            let a = index % 80
            let b = index % 2 == 0 ? a / 8 * 8 + (a + 1 + index / 80) % 8 : (a + 8 + 7 * index) % 80
            first.append(a)
            second.append(b)
            let square = zip(images[a], images[b]).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            table.append(.init(distance: square.squareRoot(), isMatch: identities[a] == identities[b]))
        }
        let enrolled = identities.indices.filter { $0 % 8 < 4 }
        let seen = identities.indices.filter { $0 % 8 >= 4 }
        let claims = seen.indices.flatMap { image in
            ["p0", "p3", "p7", identities[seen[image]]].map { IdentityClaims.Claim(image: image, identity: $0) }
        }
        return CalibrationData(
            table, differences: images.rows(first).minus(images.rows(second)),
            identities: PairIdentities(zip(first, second).map { (identities[$0], identities[$1]) }),
            claims: IdentityClaims(
                enrolled: IdentityImages(images.rows(enrolled), enrolled.map { identities[$0] }),
                seen: IdentityImages(images.rows(seen), seen.map { identities[$0] }), claims: claims))
    }

    static func file() throws -> CalibrationFile {
        CalibrationFile(
            try CalibrationFit(data()), weights: .init(file: "w.caffemodel", checksum: "0123456789abcdef"),
            head: .distance, identityTower: "b")
    }

    @Test
    func fitsAllModelsAndJudgesThem() throws {
        let file = try Self.file()
        #expect(file.missing.isEmpty && file.embeddingLength == 2 && file.list.pairs == 400)
        #expect(file.list.identities == 10)
        #expect(Set(file.thresholds.keys) == Set(CalibrationThresholds.names))
        // 40 images claim three identities each and their own, which is one of the three for some.
        let figures = try #require(file.claims)
        #expect(figures.claims == 160 && figures.matching == 40 + 12)
        #expect(figures.areaUnderCurve > 0.9 && figures.equalErrorRate < 0.2)
        #expect(Set(figures.falseRejects.keys) == ["far_10", "far_7.5", "far_5", "far_1"])
        #expect(try #require(figures.falseRejects["far_10"]) <= figures.falseRejects["far_5"] ?? 0)
        for model in CalibrationModel.allCases {
            let quality = try #require(file.quality(of: model), "\(model)")
            #expect(quality.fitted.brier < 0.05, "\(model)")
            let crossed = try #require(quality.crossValidated, "\(model)")
            // Of five other people some have nobody near, whose mean density then says too little.
            #expect(
                crossed.brier < (model == .identities ? 0.2 : 0.06) && crossed.brier != quality.fitted.brier, "\(model)"
            )
        }
        // Isotonic regression follows its own list without any error; unseen pairs show one.
        let isotonic = try #require(file.quality(of: .isotonic))
        #expect(isotonic.fitted.expectedError < 0.02)
        #expect(try #require(isotonic.crossValidated).expectedError > isotonic.fitted.expectedError)
    }

    @Test
    func staysTheSameThroughItsFile() throws {
        let folder = try ScratchDirectory()
        let file = try Self.file()
        let path = try folder.write("w.calibration.json", file.encoded())
        let read = try CalibrationFile(contentsOf: path)
        #expect(read == file)
        let data = Self.data()
        let differences = try #require(data.differences)
        #expect(read.gaussians?.probabilities(differences) == file.gaussians?.probabilities(differences))
        #expect(try read.encoded() == file.encoded())
    }

    @Test
    func knowsItsWeights() throws {
        let folder = try ScratchDirectory()
        let weights = try folder.write("net.caffemodel", "weights")
        let found = try CalibrationFile.Weights(contentsOf: [weights])
        // `printf weights | xxhsum -H64`
        #expect(found == .init(file: "net.caffemodel", checksum: "779c224020e59198"))
        #expect(CalibrationFile.path(besideWeights: weights) == folder.file("net.calibration.json"))
        #expect(CalibrationFile.path(besideWeights: "x.h5") == "x.h5.calibration.json")
        let file = try Self.file()
        #expect(throws: CalibrationFileError.otherWeights(file: "f", expected: file.weights, found: found)) {
            try file.check(weights: found, file: "f")
        }
        #expect(throws: CalibrationFileError.wrongLength(file: "f", expected: 2, found: 3)) {
            try file.check(length: 3, file: "f")
        }
        try file.check(length: 2, file: "f")
    }

    @Test(arguments: [
        (
            #""version" : 1"#, #""version" : 7"#,
            "f is a calibration file of version 7, and this twotower knows version 1"
        ),
        (#""slope" : "#, #""slop" : "#, #"f is no calibration file: logistic: no "slope""#),
        (#""mean" : ""#, #""mean" : "AAAA"#, "the base64 of whole float32 numbers"),
        (#""distances" : ["#, #""distances" : [ 9, "#, "the isotonic regression needs rising distances"),
        (#""length" : 2"#, #""length" : 3"#, "the two Gaussians are no densities"),
        ("{", "(", "f is no calibration file"),
    ])
    func damageIsSaid(from: String, to: String, message: String) throws {
        let text = String(decoding: try Self.file().encoded(), as: UTF8.self)
        let damaged = text.replacing(from, with: to)
        #expect(damaged != text)
        let error = #expect(throws: CalibrationFileError.self) { try CalibrationFile(Data(damaged.utf8), file: "f") }
        #expect(error?.description.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    }

    /// Two Gaussians of a collapsed net do not exist; the models on distances do.
    @Test
    func aModelThatCanNotBeFittedIsMissingWithTheReason() throws {
        var data = Self.data()
        data.differences = EmbeddingRows([Float](repeating: 0, count: 800), length: 2)
        data.claims = nil
        let fit = try CalibrationFit(data)
        #expect(fit.gaussians == nil && fit.quality[.gaussians] == nil)
        #expect(fit.missing[.gaussians]?.contains("differences of matching pairs") == true)
        #expect(fit.quality[.logistic] != nil)
    }
}
