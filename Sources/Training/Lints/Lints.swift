package import CaffeProto

/// What runs but is probably not meant: sentences with the reason, for the author of a net and its lists.
///
/// Nothing here stops a training. (Labels that differ between lists do: `PairListError`.)
package enum Lints {
    /// What a net's definition (filtered for its phase, in today's form) shows by itself.
    package static func net(_ net: NetParameter) -> [String] {
        smallEmbedding(net) + layersOnEmbedding(net) + longEmbeddings(net) + rawPixels(net)
    }

    /// "fc7", "fc7 and fc7_p", "a, b and c".
    static func joined(_ names: [String]) -> String {
        names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
    }
}
