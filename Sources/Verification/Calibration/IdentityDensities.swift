import Foundation
import Tensors

/// P(this image shows the identity that it claims), by a multivariate normal density for each enrolled identity.
///
/// Chopra, Hadsell and LeCun, "Learning a similarity metric discriminatively, with application to face verification" (CVPR
/// 2005), section 4.1: φ_gen is the density of the identity's enrolment images at the image's embedding, φ_imp a constant, the
/// mean of φ_gen over images of impostors, and P = φ_gen / (φ_gen + φ_imp); here by logarithms, which do not underflow.
/// A few images give no covariance of many dimensions, so each is λ · T + (1 − λ) · S of the identity's own S (divided by
/// n − 1) and a target T for all. Target and λ are chosen by `IdentityShrinkage`; `Enrolment` holds what is needed to rebuild it.
package struct IdentityDensities: Codable, Equatable, Sendable {
    /// One identity's images and how likely other people's are under its density.
    struct Enrolment: Codable, Equatable, Sendable {
        let identity: String
        let images: Int
        /// The embeddings, row after row.
        let embeddings: PackedFloats
        /// log φ_imp.
        var logImpostorDensity: Double
    }

    package let length: Int
    package let shrinkage: IdentityShrinkage
    private(set) var enrolments: [Enrolment]

    package var identities: [String] { enrolments.map(\.identity) }

    /// - Parameters:
    ///   - impostors: each is one to all identities but its own.
    ///   - background: other people's images, whose spread about their own means the covariances are drawn to; by default the
    ///     enrolled ones'.
    ///   - shrinkage: by default what predicts enrolment images best.
    package init(
        enrolled: IdentityImages, impostors: IdentityImages, background: IdentityImages? = nil,
        shrinkage: IdentityShrinkage? = nil
    ) throws(CalibrationError) {
        guard enrolled.rows.areFinite, impostors.rows.areFinite else { throw .notFinite(what: "embeddings") }
        let groups = IdentityGroups(enrolled.identities)
        length = enrolled.rows.length
        if let shrinkage {
            self.shrinkage = shrinkage
        } else {
            self.shrinkage = try IdentityShrinkage(enrolled, background: background)
        }
        enrolments = groups.names.indices.map { number in
            let rows = enrolled.rows.rows(groups.rows[number])
            return Enrolment(
                identity: groups.names[number], images: rows.count, embeddings: PackedFloats(rows.values),
                logImpostorDensity: 0)
        }
        try setImpostors(impostors)
    }

    /// Finds each identity's mean density over the images of others.
    mutating func setImpostors(_ images: IdentityImages) throws(CalibrationError) {
        let scorer = IdentityScorer(self)
        let white = scorer.whitened(images.rows)
        for number in enrolments.indices {
            let others = (0..<images.count).filter { images.identities[$0] != enrolments[number].identity }
            guard !others.isEmpty else { throw .noImpostors(identity: enrolments[number].identity) }
            enrolments[number].logImpostorDensity = Probability.logMeanExp(
                others.map { scorer.logDensity(white, row: $0, identity: number) })
        }
    }

    /// Whether what a file held can give densities.
    var isUsable: Bool {
        shrinkage.isUsable(length: length)
            && enrolments.allSatisfy { enrolment in
                enrolment.images > 0 && enrolment.embeddings.values.count == enrolment.images * length
                    && enrolment.embeddings.values.allSatisfy(\.isFinite) && enrolment.logImpostorDensity.isFinite
            }
    }
}

/// Which rows are whose, in the order in which identities first appear.
struct IdentityGroups {
    private(set) var names: [String] = []
    private(set) var rows: [[Int]] = []

    init(_ identities: [String]) {
        var numbers: [String: Int] = [:]
        for (row, name) in identities.enumerated() {
            if let number = numbers[name] {
                rows[number].append(row)
            } else {
                numbers[name] = names.count
                names.append(name)
                rows.append([row])
            }
        }
    }
}
