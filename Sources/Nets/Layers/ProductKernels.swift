import Tensors

/// Who multiplies an inner product's matrices, for each of its three products.
struct ProductKernels {
    /// A library, and whether it makes the transpose of what is wanted.
    enum Kernel: String {
        case oneDNN = "oneDNN"
        case turnedOneDNN = "oneDNN, turned"
        case openBLAS = "OpenBLAS"

        var backend: Gemm.Backend { self == .openBLAS ? .openBLAS : .dnnl }
    }

    /// Y = X · Wᵀ: turned, Yᵀ = W · Xᵀ.
    var forward: Kernel
    /// dX = dY · W.
    var data: Kernel
    /// dW = dYᵀ · X.
    var weights: Kernel

    private enum Job: String, CaseIterable {
        case forward, data = "backward data", weights = "backward weights"
    }

    /// What a layer does unless measured otherwise: all by OpenBLAS with the engine CAFFE.
    ///
    /// oneDNN does twice as well forward with W in the left matrix's place (16.6 ms for 32.3 ms at 32 × 12544 by 4096,
    /// two threads, AMD EPYC).
    init(engine: NetContext.Engine, isTransposed: Bool) {
        let usual = engine == .dnnl ? Kernel.oneDNN : .openBLAS
        forward = engine == .dnnl && !isTransposed ? .turnedOneDNN : usual
        data = usual
        weights = usual
    }

    /// Takes what was chosen for weights of `outputs` × `inputs`.
    mutating func take(_ choices: KernelChoices, outputs: Int, inputs: Int) {
        func chosen(_ job: Job) -> Kernel? {
            choices.kernel(for: Self.name(job, outputs: outputs, inputs: inputs)).flatMap { Kernel(rawValue: $0) }
        }
        forward = chosen(.forward) ?? forward
        data = chosen(.data) ?? data
        weights = chosen(.weights) ?? weights
    }

    /// "forward of inner product 12544 → 4096".
    private static func name(_ job: Job, outputs: Int, inputs: Int) -> String {
        "\(job.rawValue) of inner product \(inputs) → \(outputs)"
    }

    /// Up to here Yᵀ is no faster (21 ms for 15 ms at 4 × 12544 by 4096, 25 ms for 23 ms at 8 × 12544, one thread each).
    private static let fewSamples = 4

    /// The three products, each by these kernels and by the others; of weights that are not kept transposed.
    func trials(samples: Int, outputs: Int, inputs: Int) -> [KernelTrial] {
        let matrices = Matrices(samples: samples, outputs: outputs, inputs: inputs)
        return [
            (Job.forward, forward, [.oneDNN, .turnedOneDNN, .openBLAS]), (.data, data, [.oneDNN, .openBLAS]),
            (.weights, weights, [.oneDNN, .openBLAS]),
        ].map { (job: Job, usual: Kernel, all: [Kernel]) in
            KernelTrial(
                Self.name(job, outputs: outputs, inputs: inputs), multiplyAdds: samples * outputs * inputs,
                candidates: ([usual] + all.filter { $0 != usual }).map { kernel in
                    .init(kernel.rawValue) {
                        matrices.fill()
                        return { matrices.multiply(job, kernel) }
                    }
                }, presumed: job == .forward && samples <= Self.fewSamples ? Kernel.oneDNN.rawValue : nil)
        }
    }

    /// X, Y and W, made when first filled.
    private final class Matrices {
        private let samples: Int
        private let outputs: Int
        private let inputs: Int
        private lazy var x = FloatStorage(count: samples * inputs)
        private lazy var y = FloatStorage(count: samples * outputs)
        private lazy var w = FloatStorage(count: outputs * inputs)
        private var isFilled = false

        init(samples: Int, outputs: Int, inputs: Int) {
            (self.samples, self.outputs, self.inputs) = (samples, outputs, inputs)
        }

        func fill() {
            if isFilled { return }
            isFilled = true
            for matrix in [x, y, w] {
                nonisolated(unsafe) let shared = matrix
                Threads.parallel(matrix.count) { range in
                    unsafe FloatStorage(sliceOf: shared, offset: range.lowerBound, count: range.count).fill(0.5)
                }
            }
        }

        func multiply(_ job: Job, _ kernel: Kernel) {
            switch (job, kernel) {
            case (.forward, .turnedOneDNN):
                multiply(w, x, to: y, m: outputs, n: samples, k: inputs, transposeB: true, kernel)
            case (.forward, _): multiply(x, w, to: y, m: samples, n: outputs, k: inputs, transposeB: true, kernel)
            case (.data, _): multiply(y, w, to: x, m: samples, n: inputs, k: outputs, kernel)
            case (.weights, _): multiply(y, x, to: w, m: outputs, n: inputs, k: samples, transposeA: true, kernel)
            }
        }

        private func multiply(
            _ a: FloatStorage, _ b: FloatStorage, to c: FloatStorage, m: Int, n: Int, k: Int, transposeA: Bool = false,
            transposeB: Bool = false, _ kernel: Kernel
        ) {
            a.withSpan { a in
                b.withSpan { b in
                    c.withMutableSpan { c in
                        Gemm.multiply(
                            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, a: a, b: b, c: &c,
                            backend: kernel.backend)
                    }
                }
            }
        }
    }
}
