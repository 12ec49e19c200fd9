import Foundation
import Tensors
import Testing
import Verification

struct IdentityDensitiesTests {
    /// People whose images scatter around them with the same covariance, wide in the first number.
    private static func images(people: Int, each: Int, length: Int, apart: Double, noise: inout TestNoise)
        -> IdentityImages
    {
        var (rows, identities) = (EmbeddingRows(length: length), [String]())
        for person in 0..<people {
            // The same people whenever asked.
            var own = TestNoise("person \(person)")
            let centre = own.normals(length).map { $0 * apart }
            for _ in 0..<each {
                rows.append(centre.enumerated().map { Float($1 + noise.normal() * ($0 == 0 ? 4 : 0.5)) })
                identities.append("person \(person)")
            }
        }
        return IdentityImages(rows, identities)
    }

    /// log N(x; mean, λ T + (1 − λ) S) computed in full must be what `WhiteDensity` finds in n × n.
    @Test(arguments: [IdentityShrinkage.Target.pooled, .scaledIdentity], [0.1, 0.5, 1])
    func densitiesAreThoseOfTheFullCovariance(target: IdentityShrinkage.Target, share: Double) throws {
        var noise = TestNoise("full")
        let images = Self.images(people: 4, each: 3, length: 5, apart: 2, noise: &noise)
        let rows = images.rows
        let shrinkage = try IdentityShrinkage(images, target: target, share: share)
        let model = try IdentityDensities(enrolled: images, impostors: images, shrinkage: shrinkage)
        let scorer = IdentityScorer(model)
        let white = scorer.whitened(rows)

        let own = rows.rows([3, 4, 5])
        let mean = IdentityShrinkage.mean(rows, [3, 4, 5])
        let centred: [Double] = own.values.enumerated().map { Double($1) - mean[$0 % 5] }
        let factor = try #require(shrinkage.cholesky)
        var covariance = BLAS.gram(centred, columns: 5).map { $0 / 2 * (1 - share) }
        for a in 0..<5 {
            for b in 0..<5 {
                let product = (0..<5).reduce(0.0) { $0 + factor.lower[a * 5 + $1] * factor.lower[b * 5 + $1] }
                covariance[a * 5 + b] += share * product
            }
        }
        let full = try #require(Cholesky(covariance, size: 5))
        for row in 0..<rows.count {
            var z: [Double] = rows[row].enumerated().map { Double($1) - mean[$0] }
            full.whiten(&z)
            let squares = z.reduce(0.0) { $0 + $1 * $1 }
            let expected = -0.5 * (squares + full.logDeterminant + 5 * log(2 * Double.pi))
            #expect(abs(scorer.logDensity(white, row: row, identity: 1) - expected) < 1e-6 * max(1, abs(expected)))
        }
    }

    /// The impostors' density is the mean of the density over other people's images, and P follows.
    @Test
    func impostorsAreTheMeanDensity() throws {
        var noise = TestNoise("impostors")
        let images = Self.images(people: 3, each: 4, length: 3, apart: 1, noise: &noise)
        let rows = images.rows
        let model = try IdentityDensities(enrolled: images, impostors: images)
        let scorer = IdentityScorer(model)
        let white = scorer.whitened(rows)
        let densities = (4..<12).map { exp(scorer.logDensity(white, row: $0, identity: 0)) }
        let impostor = densities.reduce(0, +) / 8
        let genuine = exp(scorer.logDensity(white, row: 1, identity: 0))
        #expect(abs(scorer.probability(white, row: 1, identity: 0) - genuine / (genuine + impostor)) < 1e-9)
        #expect(scorer.number(of: "person 2") == 2 && scorer.number(of: "nobody") == nil)
    }

    /// With few images that scatter alike the pooled covariance predicts best, and almost alone; and it tells people apart.
    @Test
    func choosesThePooledCovarianceWherePeopleScatterAlike() throws {
        var noise = TestNoise("choice")
        let enrolled = Self.images(people: 20, each: 5, length: 10, apart: 0.6, noise: &noise)
        let seen = Self.images(people: 20, each: 5, length: 10, apart: 0.6, noise: &noise)
        let model = try IdentityDensities(enrolled: enrolled, impostors: seen)
        #expect(model.shrinkage.target == .pooled && model.shrinkage.share >= 0.5)
        let area = try Self.area(model, seen)
        let round = try IdentityShrinkage(enrolled, target: .scaledIdentity)
        #expect((round.leftOutLogDensity ?? 0) < (model.shrinkage.leftOutLogDensity ?? 0))
        let other = try IdentityDensities(enrolled: enrolled, impostors: seen, shrinkage: round)
        #expect(area > 0.9)
        #expect(try Self.area(other, seen) < area - 0.03)
    }

    /// Where few images are enrolled, many of other people say better how images vary.
    @Test
    func aBackgroundHelpsFewImages() throws {
        var noise = TestNoise("background")
        let everybody = Self.images(people: 40, each: 5, length: 10, apart: 0.6, noise: &noise)
        func part(_ people: Range<Int>, _ images: Range<Int>) -> IdentityImages {
            let picked = people.flatMap { person in images.map { person * 5 + $0 } }
            return IdentityImages(everybody.rows.rows(picked), picked.map { everybody.identities[$0] })
        }
        // Four images say how images vary about two people; the other eight have one each.
        let some = [part(0..<2, 0..<2), part(2..<10, 0..<1)]
        let enrolled = IdentityImages(
            EmbeddingRows(some.flatMap(\.rows.values), length: 10), some.flatMap(\.identities))
        let background = part(10..<40, 0..<5)
        let own = try IdentityDensities(enrolled: enrolled, impostors: background)
        let helped = try IdentityDensities(enrolled: enrolled, impostors: background, background: background)
        // The first number's variance is 16.
        func variance(_ model: IdentityDensities) throws -> Double {
            let factor = try #require(model.shrinkage.cholesky)
            return factor.lower[0] * factor.lower[0]
        }
        let (known, guessed) = (try variance(helped), try variance(own))
        #expect(abs(known - 16) < 4, "\(known)")
        #expect(abs(guessed - 16) > abs(known - 16), "\(guessed)")
        #expect(helped.identities == own.identities && helped.identities.count == 10)
    }

    /// Each image claims each identity.
    private static func area(_ model: IdentityDensities, _ seen: IdentityImages) throws -> Double {
        let scorer = IdentityScorer(model)
        let white = scorer.whitened(seen.rows)
        var table = DistanceTable()
        for (number, identity) in model.identities.enumerated() {
            for row in 0..<seen.rows.count {
                let ratio = scorer.logRatio(white, row: row, identity: number)
                table.append(.init(distance: Float(-ratio), isMatch: seen.identities[row] == identity))
            }
        }
        return try #require(ROCCurve(table)).areaUnderCurve
    }

    @Test
    func whatCanNotBeEnrolledIsRefused() {
        let rows = EmbeddingRows([1, 2, 3, 5, 8, 13], length: 1)
        #expect(throws: CalibrationError.noImpostors(identity: "a")) {
            let images = IdentityImages(rows, ["a", "a", "a", "a", "a", "a"])
            _ = try IdentityDensities(enrolled: images, impostors: images)
        }
        #expect(throws: CalibrationError.tooFew(what: "enrolment images of one identity", found: 1, needed: 2)) {
            _ = try IdentityDensities(
                enrolled: IdentityImages(rows.rows([0, 1]), ["a", "b"]),
                impostors: IdentityImages(rows, ["a", "a", "a", "b", "b", "b"]))
        }
    }

    /// A person of one image gets the target's covariance around it.
    @Test
    func oneImageIsEnough() throws {
        let rows = EmbeddingRows([0, 0, 2, 0, 1, 1, 10, 10], length: 2)
        let images = IdentityImages(rows, ["a", "a", "a", "b"])
        let model = try IdentityDensities(enrolled: images, impostors: images)
        let scorer = IdentityScorer(model)
        let white = scorer.whitened(rows)
        #expect(scorer.probability(white, row: 3, identity: 1) > 0.999)
        #expect(scorer.logRatio(white, row: 0, identity: 1) < scorer.logRatio(white, row: 3, identity: 1))
    }
}
