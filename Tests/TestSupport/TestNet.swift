import CaffeProto
package import Nets
package import Tensors

/// Small nets for tests, written as prototxt with Input layers.
package enum TestNet {
    /// Sets up the net of a V2 text.
    package static func make(
        _ prototxt: String, _ context: NetContext = NetContext(phase: .train), forceBackward: Bool = false
    ) throws -> Net {
        var definition = try Prototxt.read(NetParameter.self, text: prototxt, name: "test")
        if forceBackward { definition.forceBackward = true }
        return try Net(definition, context: context)
    }

    /// What setting up the net complains of; nil if it doesn't.
    package static func fault(_ prototxt: String, _ context: NetContext = NetContext(phase: .train)) throws -> String? {
        do {
            _ = try make(prototxt, context)
            return nil
        } catch let error as NetError {
            return error.description
        }
    }

    /// `layer { name: "x" type: "Input" … }` for a blob of this shape.
    package static func input(_ name: String, _ shape: Shape) -> String {
        let dims = shape.dims.map { "dim: \($0)" }.joined(separator: " ")
        return #"layer { name: "\#(name)" type: "Input" top: "\#(name)" input_param { shape { \#(dims) } } }"# + "\n"
    }
}

extension Net {
    /// The blobs that the test has to fill: the tops of the Input layers.
    package var inputs: [Blob] { steps.filter { $0.layer.type == "Input" }.flatMap(\.top) }

    /// The Input blob of that name (where layouts differ `blob(_:)` may give a reordered copy).
    package func input(_ name: String) -> Blob {
        guard let blob = inputs.first(where: { $0.name == name }) else { preconditionFailure("no input \(name)") }
        return blob
    }

    /// The blob of that name, which must exist.
    package func known(_ name: String) -> Blob {
        guard let blob = blob(name) else { preconditionFailure("no blob \(name)") }
        return blob
    }
}

extension Blob {
    /// The data in N × C × H × W order, whatever the layout.
    package var plainData: [Float] {
        let stored = dataArray
        return storagePositions.map { stored[$0] }
    }

    /// The diff in N × C × H × W order, whatever the layout.
    package var plainDiff: [Float] {
        let stored = diffArray
        return storagePositions.map { stored[$0] }
    }

    /// Sets the diff from values in N × C × H × W order; padding becomes zero.
    package func setPlainDiff(_ values: [Float]) {
        precondition(values.count == count, "\(values.count) values for \(self)")
        var stored = [Float](repeating: 0, count: storageCount)
        for (value, position) in zip(values, storagePositions) { stored[position] = value }
        copyDiff(from: stored)
    }

    /// Where each value of N × C × H × W order is stored.
    private var storagePositions: [Int] {
        guard case .blocked(let block) = layout else { return Array(0..<count) }
        let (channels, area) = (shape[1], shape[2] * shape[3])
        let blocks = (channels + block - 1) / block
        return (0..<count).map { index in
            let (n, c, at) = (index / (channels * area), index / area % channels, index % area)
            return ((n * blocks + c / block) * area + at) * block + c % block
        }
    }
}

/// Numbers for tests, the same in every run.
package enum TestValues {
    /// Uniform numbers; those nearer than `distance` to a kink are moved away from it to that distance.
    package static func uniform(
        _ count: Int, _ range: ClosedRange<Float> = -1...1, seed: UInt64 = 1, kinks: [Float] = [],
        distance: Float = 0.05
    ) -> [Float] {
        let random = Random(seed: seed, purpose: "test values")
        return (0..<count).map { index in
            let unit = Random.unit(random.bits(position: UInt64(index)).x)
            var value = range.lowerBound + (range.upperBound - range.lowerBound) * unit
            for kink in kinks where abs(value - kink) < distance {
                value = value < kink ? kink - distance : kink + distance
            }
            return value
        }
    }

    /// Whole numbers 0 ..< bound, as labels are.
    package static func labels(_ count: Int, below bound: Int, seed: UInt64 = 1) -> [Float] {
        let random = Random(seed: seed, purpose: "test labels")
        return (0..<count).map { Float(random.integer(below: bound, position: UInt64($0))) }
    }
}

/// How far arrays are apart.
package enum Compare {
    /// nil if no number differs by more than `tolerance` times the largest expected one; else a sentence.
    package static func mismatch(
        _ what: String, _ found: [Float], _ expected: [Float], tolerance: Float = 1e-5
    ) -> String? {
        guard found.count == expected.count else {
            return "\(what): \(found.count) values, expected \(expected.count)"
        }
        let largest = expected.reduce(Float(0)) { max($0, abs($1)) }
        let allowed = tolerance * max(largest, .leastNormalMagnitude)
        // Written so that a NaN counts as a difference.
        guard let at = found.indices.first(where: { !(abs(found[$0] - expected[$0]) <= allowed) }) else { return nil }
        return "\(what)[\(at)]: \(found[at]), expected \(expected[at]) ± \(allowed)"
    }
}
