import CaffeProto
import Comm
import Foundation
import Nets
import TestSupport
import Training

/// Short ways to train in a test.
extension GoldenRun {
    /// A checked plan of this run.
    func plan(
        over communicator: any Communicator = SoloCommunicator(), log: RecordingLog = RecordingLog(),
        _ edit: (inout TrainingPlan.Request) -> Void = { _ in }
    ) throws -> TrainingPlan {
        var request = TrainingPlan.Request(solverPath: solver)
        request.snapshotPrefix = prefix
        edit(&request)
        return try TrainingPlan.make(request, communicator: communicator, log: log.log)
    }

    /// Trains to the end on one rank.
    @discardableResult
    func train(
        log: RecordingLog = RecordingLog(), _ edit: (inout TrainingPlan.Request) -> Void = { _ in }
    ) throws -> Trainer {
        let communicator = SoloCommunicator()
        let trainer = try Trainer(
            try plan(over: communicator, log: log, edit), communicator: communicator, log: log.log)
        try trainer.run()
        return trainer
    }
}

/// Caffemodels as tests compare them.
enum Weights {
    /// Each layer's blobs, by name and number.
    static func read(_ path: String) throws -> [String: [Float]] {
        let reader = try CaffeModelReader(path)
        var blobs: [String: [Float]] = [:]
        for number in 0..<reader.layerCount {
            let layer = try reader.layer(number)
            for (index, blob) in layer.blobs.enumerated() { blobs["\(layer.name)[\(index)]"] = blob.floats }
        }
        return blobs
    }

    /// A sentence for each blob that differs by more than `tolerance` times its largest weight.
    static func mismatches(_ found: String, _ expected: String, tolerance: Float = 1e-4) throws -> [String] {
        let (found, expected) = (try read(found), try read(expected))
        guard found.keys.sorted() == expected.keys.sorted() else {
            return ["blobs \(found.keys.sorted()), expected \(expected.keys.sorted())"]
        }
        return expected.sorted { $0.key < $1.key }.compactMap { name, values in
            Compare.mismatch(name, found[name] ?? [], values, tolerance: tolerance)
        }
    }
}
