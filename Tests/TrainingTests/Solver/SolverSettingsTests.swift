import CaffeProto
import Testing
import Training

struct SolverSettingsTests {
    private static func settings(_ text: String) throws -> SolverSettings {
        try SolverSettings(try Prototxt.read(SolverParameter.self, text: text, name: "solver.prototxt"))
    }

    private static let least = #"base_lr: 0.5 lr_policy: "fixed" max_iter: 7 "#

    /// Caffe's defaults, where a definition leaves a field out.
    @Test
    func defaultsAreCaffes() throws {
        let settings = try Self.settings(Self.least)
        #expect(settings.type == "SGD")
        #expect(settings.baseRate == 0.5)
        #expect(settings.momentum == 0)
        #expect(settings.weightDecay == 0)
        #expect(settings.regularization == .l2)
        #expect(settings.clipGradients == nil)
        #expect(settings.iterSize == 1)
        #expect(settings.averageLoss == 1)
        #expect(settings.display == 0)
        #expect(settings.snapshotInterval == 0)
        #expect(settings.snapshotAfterTrain)
        #expect(settings.testInitialization)
        #expect(settings.testIterations == [])
    }

    @Test
    func fieldsAreTaken() throws {
        let settings = try Self.settings(
            Self.least + """
                type: "Adam" momentum: 0.9 weight_decay: 0.25 regularization_type: "L1" clip_gradients: 5 iter_size: 2
                average_loss: 4 display: 3 snapshot: 6 snapshot_after_train: false test_interval: 8
                test_initialization: false test_iter: 2 test_iter: 9
                """)
        #expect(settings.type == "Adam")
        #expect(settings.momentum == 0.9)
        #expect(settings.weightDecay == 0.25)
        #expect(settings.regularization == .l1)
        #expect(settings.clipGradients == 5)
        #expect(settings.iterSize == 2)
        #expect(settings.averageLoss == 4)
        #expect(settings.display == 3)
        #expect(settings.snapshotInterval == 6)
        #expect(!settings.snapshotAfterTrain)
        #expect(settings.testInterval == 8)
        #expect(!settings.testInitialization)
        #expect(settings.testIterations == [2, 9])
    }

    @Test(arguments: [
        (#"lr_policy: "fixed" max_iter: 7"#, "base_lr is missing"),
        (#"base_lr: 1 lr_policy: "fixed""#, "max_iter is 0"),
        (least + "iter_size: 0", "iter_size is 0, expected 1 or more"),
        (least + "average_loss: 0", "average_loss is 0, expected 1 or more"),
        (least + "display: -1", "can't be negative"),
        (least + "snapshot: -1", "can't be negative"),
        (least + #"regularization_type: "L3""#, #"regularization_type "L3" is unknown (known: L1, L2)"#),
        (least + "snapshot_format: HDF5", "snapshot_format HDF5 is not written"),
        (least + "test_iter: 0 test_interval: 1", "test_iter must be more than 0"),
        (least + "test_iter: 5", "test_iter is given without test_interval"),
    ])
    func whatIsWrongIsNamed(text: String, message: String) throws {
        let error = try #require(throws: SolverError.self) { _ = try Self.settings(text) }
        #expect(error.description.contains(message))
    }
}
