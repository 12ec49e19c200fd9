import CaffeProto

/// Which weights of some files stand in for those of layers that the files do not have.
///
/// With the rule `_p=` layer X_p takes the weights of X, and X those of X_p where the files have only that: both
/// towers of a net start from a model of one.
package struct WeightMap {
    private let rule: SuffixRule
    /// The layers that have weights in any of the files.
    private let available: Set<String>

    package init(_ rule: SuffixRule, available: Set<String>) {
        self.rule = rule
        self.available = available
    }

    /// Looks what layers caffemodels have; they are read once for it.
    ///
    /// - Throws: `CaffeFileError` for a file that can't be read.
    package init(_ rule: SuffixRule, files: [String]) throws {
        var available: Set<String> = []
        for file in files {
            let reader = try CaffeModelReader(file)
            for number in 0..<reader.layerCount {
                let layer = try reader.layer(number)
                if !layer.blobs.isEmpty { available.insert(layer.name) }
            }
        }
        self.init(rule, available: available)
    }

    /// The layer of the files whose weights a layer takes instead of its own; nil when it has its own, or nothing fits.
    package func source(of layer: String) -> String? {
        guard !available.contains(layer) else { return nil }
        return [rule.counterpart(of: layer), rule.inverse(of: layer)].compactMap(\.self).first(
            where: available.contains)
    }
}
