import CaffeProto
package import Tensors

/// Made-up data: each top gets the values of a filler, anew in each forward.
///
/// `dummy_data_param`: a `shape` for each top or one for all (or the older num, channels, height and width), and a
/// `data_filler` for each, one for all, or none (zeros). A first length that is the global batch is shared among the
/// ranks; random numbers belong to the sample, so that any number of ranks makes the same.
/// Source: Caffe, src/caffe/layers/dummy_data_layer.cpp.
package final class DummyDataLayer: Layer {
    /// What a top is made of.
    private struct Source {
        let filler: Filler
        /// One sample of a top whose first axis is the batch, or the whole of another.
        let unit: Blob
        let isBatch: Bool
    }

    private var sources: [Source] = []
    /// How many forwards there have been, which a net without a data layer counts by.
    private var passes = 0

    package override var bottomCount: ClosedRange<Int> { 0...0 }
    package override var topCount: ClosedRange<Int> { 1...(.max) }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let shapes = try spread(shapes(), over: top.count, "shape")
        let given = try definition.dummyDataParam.dataFiller.map { try filler($0, "data_filler") }
        let fillers = try spread(given.isEmpty ? [.constant(0)] : given, over: top.count, "data_filler")
        for (index, blob) in top.enumerated() {
            let shape = shapes[index]
            try shape.checkCount()
            let isBatch = shape.axes > 0 && shape[0] == context.globalBatch ?? shape[0]
            let unit = Blob(name: blob.name, isBatch ? shape.replacing(axis: 0, with: 1) : shape)
            sources.append(Source(filler: fillers[index], unit: unit, isBatch: isBatch))
            let length = context.globalBatch == nil ? nil : context.shard.count
            try blob.reshape(isBatch ? shape.replacing(axis: 0, with: length ?? shape[0]) : shape)
        }
    }

    private func shapes() throws -> [Shape] {
        let parameter = definition.dummyDataParam
        let old = [parameter.num, parameter.channels, parameter.height, parameter.width]
        let dims: [[Int64]]
        if parameter.shape.isEmpty {
            dims = try (0..<(old.map(\.count).max() ?? 0)).map { index in
                try old.map { Int64(try element($0, index)) }
            }
        } else {
            guard old.allSatisfy(\.isEmpty) else {
                throw fault("dummy_data_param: give shape, or num, channels, height and width, and not both")
            }
            dims = parameter.shape.map(\.dim)
        }
        guard dims.allSatisfy({ $0.allSatisfy { 1...Int64(Int32.max) ~= $0 } }) else {
            throw fault("dummy_data_param: lengths of a shape must be 1 or more, found \(dims)")
        }
        return dims.map { Shape($0.map { Int($0) }) }
    }

    /// The one value for all tops, or that of the top.
    private func element(_ values: [UInt32], _ index: Int) throws -> UInt32 {
        guard values.count == 1 || index < values.count else {
            throw fault(
                "dummy_data_param: num, channels, height and width must each be given, for all tops or for each")
        }
        return values.count == 1 ? values[0] : values[index]
    }

    private func spread<Element>(_ values: [Element], over tops: Int, _ field: String) throws -> [Element] {
        guard values.count == tops || values.count == 1 else {
            throw fault(
                "has \(values.count) \(field) for \(tops) tops; dummy_data_param must give one for all or one a top")
        }
        return values.count == tops ? values : Array(repeating: values[0], count: tops)
    }

    package override func forward(bottom: [Blob], top: [Blob]) {
        for (index, blob) in top.enumerated() { fill(blob, index) }
        passes += 1
    }

    private func fill(_ blob: Blob, _ index: Int) {
        let source = sources[index]
        let samples = source.isBatch ? blob.shape[0] : 1
        var first = passes * samples
        if context.globalBatch != nil {
            first = context.firstPosition - (source.isBatch ? 0 : context.shard.lowerBound)
        }
        for n in 0..<samples {
            let purpose = "dummy \(name) \(index) \(first + n)"
            source.unit.fillData(source.filler, random: Random(seed: context.seed, purpose: purpose))
            source.unit.withData { values in
                blob.withMutableData { y in
                    for i in values.indices { y[n * values.count + i] = values[i] }
                }
            }
        }
    }
}
