/// Images with the identities that they show.
package struct IdentityImages: Sendable {
    package let rows: EmbeddingRows
    package let identities: [String]

    package init(_ rows: EmbeddingRows, _ identities: [String]) {
        precondition(rows.count == identities.count, "one identity an image")
        self.rows = rows
        self.identities = identities
    }

    package var count: Int { identities.count }

    /// These images, in this order.
    func picked(_ images: [Int]) -> IdentityImages {
        IdentityImages(rows.rows(images), images.map { identities[$0] })
    }
}

/// Enrolment images, and images of the list with the identities that they claim.
package struct IdentityClaims: Sendable {
    package struct Claim: Hashable, Sendable {
        /// One of `seen`.
        package let image: Int
        package let identity: String

        package init(image: Int, identity: String) {
            self.image = image
            self.identity = identity
        }
    }

    package let enrolled: IdentityImages
    /// Each image of the list once; none of them enrolled.
    package let seen: IdentityImages
    package let claims: [Claim]
    /// Images of other people, if there are any: then these are the impostors, and how they scatter is known better.
    package let background: IdentityImages?

    package init(
        enrolled: IdentityImages, seen: IdentityImages, claims: [Claim], background: IdentityImages? = nil
    ) {
        self.enrolled = enrolled
        self.seen = seen
        self.claims = claims
        self.background = background
    }

    func isMatch(_ claim: Claim) -> Bool { seen.identities[claim.image] == claim.identity }
}
