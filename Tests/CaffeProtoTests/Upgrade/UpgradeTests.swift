import CaffeProto
import Testing

struct UpgradeTests {
    private func net(_ text: String) throws -> NetParameter { try Prototxt.read(text: text, name: "net") }
    private func upgraded(_ text: String) throws -> NetParameter { try Upgrade.net(net(text)).net }

    @Test(arguments: [
        ("seed", "seed_upgraded_by_caffe"),
        ("net_contrastive/train_val", "net_contrastive/train_val_upgraded_by_caffe"),
        ("net_contrastive_raw/train_val", "net_contrastive_raw/train_val_upgraded_by_caffe"),
    ])
    func upgradesAsCaffeDid(old: String, new: String) throws {
        let (net, notes) = try Upgrade.net(Prototxt.read(file: GoldenFiles.path("\(old).prototxt")))
        #expect(net == (try Prototxt.read(file: GoldenFiles.path("\(new).prototxt"))))
        #expect(notes == ["\(net.layer.count) old layers { } read as layer { }"])
    }

    @Test(arguments: ["seed_upgraded_by_caffe", "net_shared/train_val", "net_softmax/train_val"])
    func leavesTodaysNetsAlone(name: String) throws {
        let net = try Prototxt.read(NetParameter.self, file: GoldenFiles.path("\(name).prototxt"))
        let (upgraded, notes) = try Upgrade.net(net)
        #expect(upgraded == net)
        #expect(notes.isEmpty)
    }

    @Test func joinsTheParallelListsOfAnOldLayer() throws {
        let net = try upgraded(
            """
            layers {
              name: "ip" type: INNER_PRODUCT bottom: "a" top: "b" loss_weight: 2
              param: "w" blob_share_mode: PERMISSIVE blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0 weight_decay: 3
              include { phase: TRAIN } inner_product_param { num_output: 3 }
            }
            """)
        #expect(
            net
                == (try self.net(
                    """
                    layer {
                      name: "ip" type: "InnerProduct" bottom: "a" top: "b" loss_weight: 2
                      param { name: "w" share_mode: PERMISSIVE lr_mult: 1 decay_mult: 1 }
                      param { lr_mult: 2 decay_mult: 0 } param { decay_mult: 3 }
                      include { phase: TRAIN } inner_product_param { num_output: 3 }
                    }
                    """)))
    }

    /// Every parameter block that both ages have, so that none is lost on the way.
    @Test(arguments: [
        "accuracy_param", "argmax_param", "concat_param", "contrastive_loss_param", "convolution_param", "data_param",
        "dropout_param", "dummy_data_param", "eltwise_param", "exp_param", "hdf5_data_param", "hdf5_output_param",
        "hinge_loss_param", "image_data_param", "infogain_loss_param", "inner_product_param", "lrn_param",
        "memory_data_param", "mvn_param", "pooling_param", "power_param", "relu_param", "sigmoid_param",
        "softmax_param", "slice_param", "tanh_param", "threshold_param", "window_data_param", "transform_param",
        "loss_param",
    ])
    func copiesEveryParameterBlock(block: String) throws {
        #expect(try upgraded("layers { \(block) { } }") == net("layer { \(block) { } }"))
    }

    @Test(arguments: [
        ("DATA", "Data", "data_param"), ("IMAGE_DATA", "ImageData", "image_data_param"),
        ("WINDOW_DATA", "WindowData", "window_data_param"),
    ])
    func movesTransformationFields(old: String, new: String, block: String) throws {
        #expect(
            try upgraded(
                """
                layers { type: \(old) transform_param { scale: 3 force_gray: true }
                  \(block) { source: "s" scale: 0.5 mean_file: "m" crop_size: 7 mirror: false } }
                """)
                == net(
                    """
                    layer { type: "\(new)" \(block) { source: "s" }
                      transform_param { scale: 0.5 mean_file: "m" crop_size: 7 mirror: false force_gray: true } }
                    """))
    }

    @Test func saysThatCaffeIgnoresThemInTodaysLayers() throws {
        let old = try net(#"layer { name: "d" type: "ImageData" image_data_param { scale: 0.5 mirror: true } }"#)
        let (net, notes) = try Upgrade.net(old)
        #expect(net == old)
        #expect(
            notes == [
                #"layer "d": scale, mirror in image_data_param is ignored, as in Caffe; write it in transform_param"#
            ])
    }

    @Test func turnsInputsIntoALayer() throws {
        let wanted = try net(
            """
            name: "n"
            layer { name: "input" type: "Input" top: "a" top: "b"
              input_param { shape { dim: [1, 2, 3, 4] } shape { dim: [5, 6, 7, 8] } } }
            layer { name: "relu" }
            """)
        let dims = "input_dim: [1, 2, 3, 4, 5, 6, 7, 8]"
        #expect(try upgraded(#"name: "n" input: ["a", "b"] \#(dims) layer { name: "relu" }"#) == wanted)
        let shapes = "input_shape { dim: [1, 2, 3, 4] } input_shape { dim: [5, 6, 7, 8] }"
        #expect(
            try upgraded(#"name: "n" input: ["a", "b"] \#(shapes) layers { name: "relu" }"#).layer.first
                == wanted.layer[0])
    }

    @Test(arguments: ["", "input_dim: [1, 2, 3]", "input_shape { } input_shape { }"])
    func refusesInputsWithoutShapes(shapes: String) throws {
        #expect(throws: DefinitionError.self) { try upgraded(#"input: "a" \#(shapes)"#) }
    }

    @Test func takesBatchNormsStatisticsFromTheSolver() throws {
        let zero = "param { lr_mult: 0 decay_mult: 0 }"
        let wanted = #"layer { name: "bn" type: "BatchNorm" \#(zero) \#(zero) \#(zero) }"#
        let (net, notes) = try Upgrade.net(
            self.net(#"layer { name: "bn" type: "BatchNorm" param { } param { lr_mult: 1 } param { } }"#))
        #expect(net == (try self.net(wanted)))
        #expect(notes == [#"BatchNorm "bn": lr_mult and decay_mult of the statistics set to 0"#])
        #expect(try Upgrade.net(net).notes.isEmpty)
    }

    @Test func takesBothAgesInOneNet() throws {
        let (net, notes) = try Upgrade.net(
            self.net(#"layer { name: "c" } layers { name: "a" } layers { name: "b" }"#))
        #expect(net.layer.map(\.name) == ["a", "b", "c"], "the message has lost the order of the text")
        #expect(
            notes == [
                "2 old layers { } read as layer { }",
                "layers { } stand beside 1 layer { }, where Caffe stops: all are taken, in their order",
            ])
    }

    @Test(arguments: [
        ("SGD", "SGD"), ("NESTEROV", "Nesterov"), ("ADAGRAD", "AdaGrad"), ("RMSPROP", "RMSProp"),
        ("ADADELTA", "AdaDelta"), ("ADAM", "Adam"),
    ])
    func upgradesSolverTypes(old: String, new: String) throws {
        let (solver, notes) = try Upgrade.solver(
            Prototxt.read(text: "solver_type: \(old) base_lr: 1", name: "solver"))
        #expect(solver == (try Prototxt.read(text: "type: \"\(new)\" base_lr: 1", name: "solver")))
        #expect(notes == ["solver_type is now type: \"\(new)\""])
    }

    @Test func refusesTwoSolverTypes() throws {
        let solver = try Prototxt.read(SolverParameter.self, text: "solver_type: SGD type: \"SGD\"", name: "solver")
        #expect(throws: DefinitionError.self) { try Upgrade.solver(solver) }
    }
}
