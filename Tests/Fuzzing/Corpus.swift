import Foundation
import Pairs
import TestSupport

extension Format {
    /// Whole files, all of which can be read.
    func corpus() throws -> [[UInt8]] {
        switch self {
        case .net:
            try golden(
                ["net_contrastive", "net_softmax", "net_shared", "net_contrastive_raw"].map {
                    "\($0)/train_val.prototxt"
                })
                + [Array(Self.layers.utf8)]
        case .solver:
            try golden(
                ["sgd", "sgd_clip", "nesterov", "adagrad", "adadelta", "adam"].map { "solvers/\($0)/solver.prototxt" })
        case .caffemodel: try golden(["net_contrastive/init.caffemodel", "net_contrastive/snap_iter_10.caffemodel"])
        case .solverstate: try golden(["net_contrastive/snap_iter_10.solverstate"])
        case .mean: try golden(["preproc/mean64.binaryproto"])
        case .list: try golden(["train1.txt", "train2.txt"]) + [Array("\u{feff}images/with space.jpg\t1\r\n".utf8)]
        case .jpeg: try golden(Self.images.map { "images/\($0).jpg" })
        case .png: Self.pngs
        case .lmdb: try Self.databases()
        case .pack: try Self.packed()
        }
    }

    private func golden(_ names: [String]) throws -> [[UInt8]] {
        try names.map { [UInt8](try Data(contentsOf: URL(filePath: Golden.path($0)))) }
    }

    /// Small ones: of colour, grey, progressive, CMYK.
    private static let images = [
        "11_rocket_b", "15_camera_b_gray_prog", "18_grass_a", "22_moon_a_gray", "07_hubble_b", "23_chelsea_cmyk",
    ]

    private static var pngs: [[UInt8]] {
        [(0, 8, 1), (2, 8, 3), (4, 8, 2), (6, 8, 4), (2, 16, 3)].map { type, bits, channels in
            PNGFile.make(
                width: 30, height: 24, bits: bits, colorType: UInt8(type),
                samples: (0..<30 * 24 * channels).map { $0 % 251 })
        }
    }

    /// Raw pixels inside of pages and on their own, and an image file; one of several pages of keys.
    private static func databases() throws -> [[UInt8]] {
        let folder = try ScratchDirectory("corpus")
        let small = (0..<3).map { label in
            Records.raw(Array(repeating: 7, count: 96), channels: 6, height: 4, width: 4, label: UInt8(label % 2))
        }
        let png = Records.encoded(pngs[1] + Array(repeating: 0, count: 3000), label: 1)
        let many = Array(repeating: small[0], count: 400)
        return try [(small, 8), ([png, png], 8), (many, 8), (many, 400)].enumerated().map { number, database in
            try Records.write(database.0, keyLength: database.1, to: folder.file("\(number)"))
            return [UInt8](try folder.data(of: "\(number)/data.mdb"))
        }
    }

    /// Packed in several commits, so that pages are free, and not to the end.
    private static func packed() throws -> [[UInt8]] {
        let folder = try ScratchDirectory("corpus")
        return try (0..<3).map { _ in
            try packing(into: folder.path).run(limit: 4)
            return [UInt8](try folder.data(of: "data.mdb"))
        }
    }

    /// A net with a layer of nearly each kind, for what golden nets don't have.
    private static let layers = """
        layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 4 dim: 9 dim: 8 } } }
        layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 4 kernel_h: 3 kernel_w: 2
          stride: 2 pad: 1 dilation: 1 group: 2 engine: CAFFE weight_filler { type: "msra" } bias_filler { value: 0.1 } } }
        layer { name: "d" type: "Deconvolution" bottom: "c" top: "d" convolution_param { num_output: 4 kernel_size: 3 stride: 2
          weight_filler { type: "bilinear" } } }
        layer { name: "p" type: "Pooling" bottom: "d" top: "p" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }
        layer { name: "m" type: "Pooling" bottom: "d" top: "m" pooling_param { pool: MAX kernel_h: 2 kernel_w: 3 stride: 1 } }
        layer { name: "n" type: "LRN" bottom: "p" top: "n" lrn_param { local_size: 3 alpha: 0.1 beta: 0.75
          norm_region: WITHIN_CHANNEL } }
        layer { name: "b" type: "BatchNorm" bottom: "n" top: "b" batch_norm_param { eps: 1e-4 } }
        layer { name: "s" type: "Scale" bottom: "b" top: "s" scale_param { axis: 1 num_axes: 1 bias_term: true } }
        layer { name: "v" type: "MVN" bottom: "s" top: "v" mvn_param { across_channels: true } }
        layer { name: "r" type: "PReLU" bottom: "v" top: "r" }
        layer { name: "t" type: "Tile" bottom: "r" top: "t" tile_param { axis: 1 tiles: 3 } }
        layer { name: "y" type: "Slice" bottom: "t" top: "y0" top: "y1" slice_param { axis: 1 slice_point: 5 } }
        layer { name: "cat" type: "Concat" bottom: "y0" bottom: "y1" top: "cat" concat_param { axis: 1 } }
        layer { name: "h" type: "Reshape" bottom: "cat" top: "h" reshape_param { shape { dim: 0 dim: -1 dim: 2 } axis: 0
          num_axes: -1 } }
        layer { name: "e" type: "Reduction" bottom: "h" top: "e" reduction_param { axis: 1 operation: MEAN coeff: 2 } }
        layer { name: "f" type: "Flatten" bottom: "m" top: "f" flatten_param { axis: 1 end_axis: -1 } }
        layer { name: "i" type: "InnerProduct" bottom: "f" top: "i" inner_product_param { num_output: 5 axis: 1
          weight_filler { type: "gaussian" std: 0.01 sparse: 2 } } }
        layer { name: "q" type: "Power" bottom: "i" top: "q" power_param { power: 2 scale: 0.5 shift: 1 } }
        layer { name: "o" type: "Dropout" bottom: "q" top: "o" dropout_param { dropout_ratio: 0.4 } }
        layer { name: "z" type: "SPP" bottom: "x" top: "z" spp_param { pyramid_height: 2 pool: MAX } }
        layer { name: "g" type: "ArgMax" bottom: "z" top: "g" argmax_param { top_k: 2 out_max_val: true } }
        layer { name: "crop" type: "Crop" bottom: "x" bottom: "c" top: "crop" crop_param { axis: 2 offset: 1 } }
        layer { name: "w" type: "DummyData" top: "w" top: "w1" dummy_data_param { shape { dim: 2 dim: 5 } shape { dim: 2 }
          data_filler { type: "constant" value: 1 } data_filler { type: "constant" value: 0 } } }
        layer { name: "em" type: "Embed" bottom: "w1" top: "em" embed_param { num_output: 3 input_dim: 4 } }
        layer { name: "sum" type: "Eltwise" bottom: "o" bottom: "w" top: "sum" eltwise_param { operation: SUM coeff: 1 coeff: -1 } }
        layer { name: "l" type: "SoftmaxWithLoss" bottom: "sum" bottom: "w1" top: "l" loss_param { ignore_label: 3 } }
        layer { name: "k" type: "ContrastiveLoss" bottom: "o" bottom: "w" bottom: "w1" top: "k"
          contrastive_loss_param { margin: 2 } }
        """
}
