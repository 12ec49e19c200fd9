import CaffeProto
import Foundation
import Nets
import Tensors
import TestSupport
import Testing

/// onnxruntime computes what we do, from our models: to 10⁻⁴ in each number.
struct ONNXAgreementTests {
    private static func layer(_ type: String, _ parameters: String = "") -> String {
        #"layer { name: "y" type: "\#(type)" bottom: "x" top: "y" \#(parameters) }"#
    }

    /// Layers of one bottom and one top on N × 6 × 9 × 11.
    private static let layers: [(name: String, text: String)] = [
        ("absval", layer("AbsVal")), ("bnll", layer("BNLL")), ("elu", layer("ELU", "elu_param { alpha: 0.7 }")),
        ("clip", layer("Clip", "clip_param { min: -0.5 max: 0.25 }")),
        ("conv", layer("Convolution", "convolution_param { num_output: 4 kernel_size: 3 stride: 2 pad: 1 }")),
        (
            "conv_group",
            layer("Convolution", "convolution_param { num_output: 4 kernel_size: 3 group: 2 bias_term: false }")
        ),
        (
            "conv_dilated",
            layer(
                "Convolution",
                "convolution_param { num_output: 4 kernel_h: 3 kernel_w: 2 dilation: 2 pad_w: 1 pad_h: 2 }")
        ),
        (
            "deconv",
            layer("Deconvolution", "convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 group: 2 }")
        ),
        ("dropout", layer("Dropout")), ("exp", layer("Exp", "exp_param { base: 2 scale: 0.5 shift: 1 }")),
        ("exp_plain", layer("Exp")), ("flatten", layer("Flatten")),
        ("flatten_rear", layer("Flatten", "flatten_param { axis: 2 }")),
        ("ip", layer("InnerProduct", "inner_product_param { num_output: 5 }")),
        ("ip_turned", layer("InnerProduct", "inner_product_param { num_output: 5 transpose: true bias_term: false }")),
        ("ip_axis", layer("InnerProduct", "inner_product_param { num_output: 5 axis: 2 }")),
        ("l2normalize", layer("L2Normalize")),
        ("lrn", layer("LRN", "lrn_param { local_size: 5 alpha: 0.5 beta: 0.75 k: 2 }")),
        ("lrn_within", layer("LRN", "lrn_param { local_size: 3 alpha: 0.5 beta: 0.6 norm_region: WITHIN_CHANNEL }")),
        ("log", layer("Log", "log_param { base: 10 scale: 0.5 shift: 3 }")),
        ("batchnorm", layer("BatchNorm", "batch_norm_param { eps: 0.01 }")), ("bias", layer("Bias")),
        ("bias_whole", layer("Bias", "bias_param { num_axes: -1 }")),
        ("scale", layer("Scale", "scale_param { bias_term: true }")),
        ("scale_rear", layer("Scale", "scale_param { axis: 2 num_axes: 2 }")),
        ("normalize", layer("Normalize", "norm_param { across_spatial: false channel_shared: false }")),
        ("normalize_whole", layer("Normalize")),
        ("power", layer("Power", "power_param { power: 2 scale: 0.5 shift: 0.1 }")),
        ("power_shift", layer("Power", "power_param { shift: 0.1 }")), ("prelu", layer("PReLU")),
        ("prelu_shared", layer("PReLU", "prelu_param { channel_shared: true }")),
        ("reduction_sum", layer("Reduction", "reduction_param { axis: 1 coeff: 2 }")),
        ("reduction_asum", layer("Reduction", "reduction_param { axis: 2 operation: ASUM }")),
        ("reduction_sumsq", layer("Reduction", "reduction_param { axis: 1 operation: SUMSQ }")),
        ("reduction_mean", layer("Reduction", "reduction_param { axis: 3 operation: MEAN }")),
        ("relu", layer("ReLU")), ("relu_leaky", layer("ReLU", "relu_param { negative_slope: 0.1 }")),
        ("reshape", layer("Reshape", "reshape_param { shape { dim: 0 dim: 3 dim: -1 dim: 2 } }")),
        ("sigmoid", layer("Sigmoid")), ("softmax", layer("Softmax")),
        ("softmax_rear", layer("Softmax", "softmax_param { axis: -1 }")),
        ("swish", layer("Swish", "swish_param { beta: 1.5 }")), ("tanh", layer("TanH")),
        ("threshold", layer("Threshold", "threshold_param { threshold: 0.2 }")),
    ]

    /// Layers of several bottoms and tops, and what works in place.
    private static let nets: [(name: String, text: String)] = [
        (
            "several",
            """
            layer { name: "cut" type: "Slice" bottom: "x" top: "a" top: "b" top: "c" slice_param { slice_point: 2 slice_point: 4 } }
            layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" eltwise_param { coeff: 1 coeff: -0.5 } }
            layer { name: "product" type: "Eltwise" bottom: "a" bottom: "b" bottom: "c" top: "product" eltwise_param { operation: PROD } }
            layer { name: "most" type: "Eltwise" bottom: "b" bottom: "c" top: "most" eltwise_param { operation: MAX } }
            layer { name: "joined" type: "Concat" bottom: "sum" bottom: "product" bottom: "most" top: "joined" }
            """
        ),
        (
            "in_place",
            """
            layer { name: "shift" type: "Power" bottom: "x" top: "x" power_param { shift: 0.5 } }
            layer { name: "first" type: "InnerProduct" bottom: "x" top: "first" inner_product_param { num_output: 7 } }
            layer { name: "relu" type: "ReLU" bottom: "first" top: "first" }
            layer { name: "drop" type: "Dropout" bottom: "first" top: "first" }
            layer { name: "last" type: "InnerProduct" bottom: "first" top: "last" inner_product_param { num_output: 4 } }
            layer { name: "tanh" type: "TanH" bottom: "last" top: "last" }
            """
        ),
        (
            // A vector scaled to length 1 in Caffe's own terms.
            "unit",
            """
            layer { name: "e" type: "InnerProduct" bottom: "x" top: "e" inner_product_param { num_output: 7 } }
            layer { name: "squares" type: "Reduction" bottom: "e" top: "squares" reduction_param { axis: 1 operation: SUMSQ } }
            layer { name: "factor" type: "Power" bottom: "squares" top: "factor" power_param { power: -0.5 shift: 1e-10 } }
            layer { name: "unit" type: "Scale" bottom: "e" bottom: "factor" top: "unit" scale_param { axis: 0 } }
            """
        ),
    ]

    @Test func eachLayerAgrees() throws {
        let folder = try ScratchDirectory("onnx")
        for (name, text) in Self.layers + Self.nets { try ONNXCase(name, text).write(to: folder) }
        try expectAgreement(in: folder, count: Self.layers.count + Self.nets.count)
    }

    /// Windows that hang over the edge, or don't reach it, with both roundings: all that Caffe makes of it.
    @Test func poolingAgrees() throws {
        let folder = try ScratchDirectory("onnx")
        var count = 0
        for method in ["MAX", "AVE"] {
            for rounding in ["CEIL", "FLOOR"] {
                for (kernel, stride, pad) in [
                    (2, 2, 0), (3, 2, 0), (3, 2, 1), (2, 2, 1), (3, 3, 1), (4, 3, 2), (5, 1, 2), (2, 3, 1), (4, 4, 3),
                ] {
                    let parameters =
                        "pooling_param { pool: \(method) kernel_size: \(kernel) stride: \(stride) pad: \(pad) "
                        + "round_mode: \(rounding) }"
                    try ONNXCase("\(method)_\(rounding)_\(kernel)\(stride)\(pad)", Self.layer("Pooling", parameters))
                        .write(to: folder)
                    count += 1
                }
            }
            try ONNXCase(
                "\(method)_global", Self.layer("Pooling", "pooling_param { pool: \(method) global_pooling: true }")
            )
            .write(to: folder)
            count += 1
        }
        try expectAgreement(in: folder, count: count)
    }

    /// The nets that the original Caffe trained, each tower and both with their head, with those weights.
    @Test func trainedNetsAgree() throws {
        let folder = try ScratchDirectory("onnx")
        let names = ["net_contrastive", "net_shared", "net_softmax"]
        for name in names {
            let whole = try NetDefinition.read(file: Golden.path("\(name)/train_val.prototxt"))
            let deploy = try DeployNet(
                whole.filtered(for: NetFilter.state(.test, net: whole.net.state, solver: nil)).net)
            let image = DeployNet.Input.images([3, 64, 64])
            for (part, definition) in [
                ("a", try deploy.tower(.a, input: image)), ("b", try deploy.tower(.b, input: image)),
                ("pair", deploy.pair(a: image, b: image)),
            ] {
                let exported = try ONNXCase("\(name)_\(part)", definition)
                try exported.net.loadWeights(from: Golden.path("\(name)/snap_iter_20.caffemodel"))
                try exported.write(to: folder, range: 0...1)
            }
        }
        try expectAgreement(in: folder, count: 3 * names.count)
    }

    private func expectAgreement(in folder: ScratchDirectory, count: Int) throws {
        let result = try Python.run("onnx_agreement.py", [folder.path])
        #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
        let models = Set(result.standardOutput.split(separator: "\n").compactMap { $0.split(separator: " ").first })
        #expect(models.count == count)
        if let report = ProcessInfo.processInfo.environment["TWOTOWER_ONNX_REPORT"] {
            try Data(result.standardOutput.utf8).write(to: URL(filePath: "\(report).\(count)"))
        }
    }
}
