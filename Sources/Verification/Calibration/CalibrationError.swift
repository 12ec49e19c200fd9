/// Why a model can't be fitted on what it was given.
package enum CalibrationError: Error, Equatable, CustomStringConvertible {
    /// The list lacks pairs of a kind, or has distances that are no numbers.
    case unusableList(matching: Int, nonMatching: Int)
    /// Fewer rows than a covariance needs.
    case tooFew(what: String, found: Int, needed: Int)
    /// Rows that are equal, or too few even for a shrunk covariance.
    case noSpread(what: String)
    /// Numbers that are infinite or undefined.
    case notFinite(what: String)
    /// An identity whose images can't be told from other people's, since there are none.
    case noImpostors(identity: String)

    package var description: String {
        switch self {
        case .unusableList(let matching, let nonMatching):
            """
            calibration needs matching and non-matching pairs with distances that are numbers; the list has \(matching) \
            matching and \(nonMatching) others
            """
        case .tooFew(let what, let found, let needed):
            "the covariance of \(what) needs \(needed) of them or more, and there are \(found): give a longer list"
        case .noSpread(let what):
            """
            \(what) do not differ in all directions, so they have no density: give more and different pictures, if the net \
            has not collapsed
            """
        case .notFinite(let what):
            "\(what) hold numbers that are infinite or undefined: has the training diverged?"
        case .noImpostors(let identity):
            "no image of the calibration list shows another identity than \(identity): give a list of several identities"
        }
    }
}
