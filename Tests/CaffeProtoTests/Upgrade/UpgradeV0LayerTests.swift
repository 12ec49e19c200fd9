import CaffeProto
import SwiftProtobuf
import Testing

/// Nets of 2013: `layers { layer { name type … } bottom top }`.
struct UpgradeV0LayerTests {
    private func net(_ text: String) throws -> NetParameter { try Prototxt.read(text: text, name: "net") }
    private func upgraded(_ text: String) throws -> NetParameter { try Upgrade.net(net(text)).net }

    /// Every type with every field that it knew.
    @Test(arguments: [
        (
            """
            layers {
              layer {
                name: "c" type: "conv" num_output: 4 biasterm: false weight_filler { type: "xavier" }
                bias_filler { value: 2 } pad: 1 kernelsize: 3 group: 2 stride: 5
                blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0
              }
              bottom: "data" top: "c"
            }
            """,
            """
            layer {
              name: "c" type: "Convolution" bottom: "data" top: "c"
              param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
              convolution_param {
                num_output: 4 bias_term: false pad: 1 kernel_size: 3 group: 2 stride: 5 weight_filler { type: "xavier" }
                bias_filler { value: 2 }
              }
            }
            """
        ),
        (
            """
            layers { layer { name: "i" type: "innerproduct" num_output: 4 biasterm: false weight_filler { type: "xavier" }
              bias_filler { value: 2 } } }
            """,
            """
            layer { name: "i" type: "InnerProduct" inner_product_param {
              num_output: 4 bias_term: false weight_filler { type: "xavier" } bias_filler { value: 2 } } }
            """
        ),
        (
            #"layers { layer { name: "p" type: "pool" pool: AVE kernelsize: 3 stride: 2 pad: 1 } }"#,
            #"layer { name: "p" type: "Pooling" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }"#
        ),
        (
            #"layers { layer { name: "p" type: "pool" pool: STOCHASTIC } }"#,
            #"layer { name: "p" type: "Pooling" pooling_param { pool: STOCHASTIC } }"#
        ),
        (
            #"layers { layer { name: "d" type: "dropout" dropout_ratio: 0.25 } }"#,
            #"layer { name: "d" type: "Dropout" dropout_param { dropout_ratio: 0.25 } }"#
        ),
        (
            #"layers { layer { name: "n" type: "lrn" local_size: 3 alpha: 0.5 beta: 0.25 k: 2 } }"#,
            #"layer { name: "n" type: "LRN" lrn_param { local_size: 3 alpha: 0.5 beta: 0.25 k: 2 } }"#
        ),
        (
            """
            layers { layer { name: "d" type: "data" source: "db" batchsize: 7 rand_skip: 3 scale: 0.5 meanfile: "m"
              cropsize: 9 mirror: true } }
            """,
            """
            layer { name: "d" type: "Data" data_param { source: "db" batch_size: 7 rand_skip: 3 }
              transform_param { scale: 0.5 mean_file: "m" crop_size: 9 mirror: true } }
            """
        ),
        (
            """
            layers { layer { name: "d" type: "images" source: "l" batchsize: 7 rand_skip: 3 shuffle_images: true
              new_height: 5 new_width: 6 } }
            """,
            """
            layer { name: "d" type: "ImageData" image_data_param { source: "l" batch_size: 7 rand_skip: 3 shuffle: true
              new_height: 5 new_width: 6 } }
            """
        ),
        (
            #"layers { layer { name: "d" type: "hdf5_data" source: "h" batchsize: 7 } }"#,
            #"layer { name: "d" type: "HDF5Data" hdf5_data_param { source: "h" batch_size: 7 } }"#
        ),
        (
            #"layers { layer { name: "o" type: "hdf5_output" hdf5_output_param { file_name: "h" } } }"#,
            #"layer { name: "o" type: "HDF5Output" hdf5_output_param { file_name: "h" } }"#
        ),
        (
            """
            layers { layer { name: "w" type: "window_data" source: "s" batchsize: 7 det_fg_threshold: 0.1
              det_bg_threshold: 0.2 det_fg_fraction: 0.3 det_context_pad: 4 det_crop_mode: "square" } }
            """,
            """
            layer { name: "w" type: "WindowData" window_data_param { source: "s" batch_size: 7 fg_threshold: 0.1
              bg_threshold: 0.2 fg_fraction: 0.3 context_pad: 4 crop_mode: "square" } }
            """
        ),
        (
            #"layers { layer { name: "l" type: "infogain_loss" source: "m" } }"#,
            #"layer { name: "l" type: "InfogainLoss" infogain_loss_param { source: "m" } }"#
        ),
        (
            #"layers { layer { name: "c" type: "concat" concat_dim: 0 } bottom: "a" bottom: "b" top: "c" }"#,
            #"layer { name: "c" type: "Concat" bottom: "a" bottom: "b" top: "c" concat_param { concat_dim: 0 } }"#
        ),
    ])
    func fieldsMoveToTheirTypes(old: String, new: String) throws {
        #expect(try upgraded(old) == net(new))
    }

    @Test(arguments: [
        ("accuracy", "Accuracy"), ("bnll", "BNLL"), ("concat", "Concat"), ("conv", "Convolution"), ("data", "Data"),
        ("dropout", "Dropout"), ("euclidean_loss", "EuclideanLoss"), ("flatten", "Flatten"),
        ("hdf5_data", "HDF5Data"), ("hdf5_output", "HDF5Output"), ("im2col", "Im2col"), ("images", "ImageData"),
        ("infogain_loss", "InfogainLoss"), ("innerproduct", "InnerProduct"), ("lrn", "LRN"),
        ("multinomial_logistic_loss", "MultinomialLogisticLoss"), ("pool", "Pooling"), ("relu", "ReLU"),
        ("sigmoid", "Sigmoid"), ("softmax", "Softmax"), ("softmax_loss", "SoftmaxWithLoss"), ("split", "Split"),
        ("tanh", "TanH"), ("window_data", "WindowData"),
    ])
    func typesHaveTheirNewNames(old: String, new: String) throws {
        #expect(try upgraded(#"layers { layer { name: "x" type: "\#(old)" } }"#).layer.map(\.type) == [new])
    }

    @Test func weightsComeAlong() throws {
        let net = try upgraded(
            #"layers { layer { name: "x" type: "conv" blobs { num: 1 channels: 1 height: 1 width: 2 data: [3, 4] } } }"#
        )
        #expect(net.layer[0].blobs.map(\.dimensions) == [[1, 1, 1, 2]])
        #expect(net.layer[0].blobs.map(\.floats) == [[3, 4]])
    }

    @Test func eachKindOfChangeIsToldOnce() throws {
        let (_, notes) = try Upgrade.net(
            net(
                """
                input: "data" input_dim: [1, 3, 8, 8]
                layers { layer { name: "a" type: "relu" stride: 2 kernelsize: 3 } bottom: "data" top: "a" }
                layers { layer { name: "b" type: "pool" k: 3 } bottom: "a" top: "b" }
                layers { name: "c" type: RELU bottom: "b" top: "c" }
                layer { name: "d" type: "ReLU" bottom: "c" top: "d" }
                """))
        #expect(
            notes == [
                "2 layers { layer { } } of Caffe's first format read as layer { }",
                "1 old layers { } read as layer { }",
                "layers { } stand beside 1 layer { }, where Caffe stops: all are taken, in their order",
                "fields that mean nothing for the type of their layer are left out, as in Caffe: "
                    + "kernelsize, stride of a; k of b",
                "input fields read as a layer of type Input",
            ])
    }

    @Test func anUnknownTypeIsNamed() throws {
        let error = #expect(throws: DefinitionError.self) {
            try upgraded(#"layers { layer { name: "x" type: "convolution" } }"#)
        }
        #expect(error?.description.contains(#"layer "x": unknown type of Caffe's first format"#) == true)
        let near = #expect(throws: DefinitionError.self) {
            try upgraded(#"layers { layer { name: "x" type: "pol" } }"#)
        }
        #expect(near?.found == #""pol" (did you mean "pool"?)"#)
    }
}
