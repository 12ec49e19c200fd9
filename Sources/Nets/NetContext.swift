import Foundation
package import Tensors

/// What every layer of a net may know about the run: the phase, the seed, and where this shard lies in the global batch.
///
/// Means are over the global batch, so that any number of ranks trains the same: a layer that divides by a number of
/// samples asks `globalCount`, and one that draws random numbers asks `firstPosition`.
package final class NetContext {
    package enum Phase: String, Sendable { case train = "TRAIN", test = "TEST" }

    /// Who computes: im2col and OpenBLAS (the reference), or oneDNN.
    package enum Engine: String, Sendable, CaseIterable { case caffe = "CAFFE", dnnl = "DNNL" }

    package let phase: Phase
    package let seed: UInt64
    /// For layers whose definition leaves the engine open.
    package let defaultEngine: Engine
    /// In what convolutions and inner products of the DNNL engine multiply: bf16 only where that is the default engine,
    /// and only to be asked for where it is here.
    package let precision: Precision
    /// Samples of one iteration over all ranks; nil in a net without data layers, whose batch is its own.
    package let globalBatch: Int?
    /// This rank's part of the global batch; where it comes in pieces, that of the next forward.
    package var shard: Range<Int>
    /// All that this rank has of a batch, where each pass takes a piece of one size, so that results don't depend on the
    /// number of ranks; nil where a pass takes everything.
    package let wholeShard: Range<Int>?
    /// C × H × W of each data layer whose definition does not say it (nets on images of their own size).
    package let sampleShapes: [String: Shape]
    /// Sums over all ranks and rows of all ranks, for what a layer must know of the whole batch.
    package let reducer: any BatchReducer
    /// Whether each blob holds its data and diff after a pass, for whoever looks at them.
    ///
    /// A net of which only the outputs are looked at computes the same with less work (`RectifierPlan`) in less memory
    /// (`BufferPlan`).
    package let keepsBlobs: Bool
    /// Where the other tower is, on a rank that carries one only.
    package let partner: (any PartnerLink)?
    /// Which kernels do what layers could do by several.
    package let kernels: KernelChoices
    /// The bytes that a net may take, by default the memory of this machine: a number mistyped in a definition is told
    /// before it is tried.
    package let memoryLimit: Int
    package static var machineMemory: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }
    /// What the kernels of a net use one after the other.
    package let scratch = SharedScratch()
    /// The position, counted from the start of training, of the first sample of this shard; set before each forward.
    package var firstPosition = 0

    package init(
        phase: Phase, seed: UInt64 = 1, defaultEngine: Engine = .caffe, precision: Precision = .float32,
        globalBatch: Int? = nil, shard: Range<Int>? = nil, wholeShard: Range<Int>? = nil,
        sampleShapes: [String: Shape] = [:],
        reducer: any BatchReducer = OwnBatch(), keepsBlobs: Bool = true, kernels: KernelChoices = KernelChoices(),
        partner: (any PartnerLink)? = nil, memoryLimit: Int = NetContext.machineMemory
    ) {
        self.phase = phase
        self.seed = seed
        self.defaultEngine = defaultEngine
        self.precision = defaultEngine == .dnnl ? precision : .float32
        self.globalBatch = globalBatch
        self.shard = shard ?? 0..<(globalBatch ?? 0)
        self.wholeShard = wholeShard
        self.sampleShapes = sampleShapes
        self.reducer = reducer
        self.keepsBlobs = keepsBlobs
        self.kernels = kernels
        self.partner = partner
        self.memoryLimit = memoryLimit
    }

    /// Whether passes are of one size whatever the number of ranks.
    package var isDeterministic: Bool { wholeShard != nil }

    /// How many passes this rank's part of a batch takes.
    package var pieces: Int { wholeShard.map { $0.count / shard.count } ?? 1 }

    /// How many there are in the global batch of what this rank has `local` of (samples, or pixels of all samples).
    package func globalCount(_ local: Int) -> Int {
        guard let globalBatch, !shard.isEmpty, local.isMultiple(of: shard.count) else { return local }
        return local / shard.count * globalBatch
    }
}

/// The way to the rank that carries the other tower for the same pairs; both must swap in the same order.
package protocol PartnerLink: AnyObject {
    func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>) throws
    func swap(shapes mine: [[Int]]) throws -> [[Int]]
}

/// Brings together what the ranks that share a batch know of it; every rank must ask in the same order.
package protocol BatchReducer {
    /// Replaces each number by its sum over ranks.
    func sum(_ values: inout [Double]) throws
    /// Gives every rank the rows of all samples.
    ///
    /// `rows` has `width` floats for each sample of the global batch, in its order; each rank brings those of its shard.
    func gather(_ rows: FloatStorage, width: Int) throws
}

/// The reducer of a rank that has the whole batch.
package struct OwnBatch: BatchReducer {
    package init() {}
    package func sum(_ values: inout [Double]) {}
    package func gather(_ rows: FloatStorage, width: Int) {}
}
