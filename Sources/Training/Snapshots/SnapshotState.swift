package import CaffeProto
import Foundation
package import Nets

/// What a snapshot says beside weights and history: where training stands, and what it was training.
package struct SnapshotState: Codable, Equatable, Sendable {
    package var iteration: Int
    /// Where the weights are, as the file says.
    package var learnedNet: String
    /// Caffe's number of rate steps taken; derived from the iteration here, written for Caffe.
    package var currentStep = 0
    /// The rest is ours, absent in Caffe's own files.
    package var seed: UInt64?
    package var batchSize: Int?
    package var worldSize: Int?
    package var listFingerprints: [UInt64] = []
    package var netFingerprint: UInt64?
    package var recentLosses: [Double] = []
    /// How each parameter's gradient was exchanged, by its name.
    package var exchange: [String: ExchangeMethod] = [:]
    /// The kernels that measuring had chosen; nil where a snapshot does not say.
    package var kernels: KernelChoices?
    /// Of a training whose bits don't depend on the number of ranks.
    package var deterministic: DeterministicState?
    package var iterSize: Int?
    package var solverType: String?
    /// Each layer's definition as prototxt, without what may change.
    package var layers: [String] = []
    /// The names of the parameters, in the order of the history.
    package var parameters: [String] = []

    /// From this version of ours on, files are sealed.
    static let sealedVersion: UInt64 = 2

    package init(iteration: Int, learnedNet: String = "") {
        self.iteration = iteration
        self.learnedNet = learnedNet
    }

    package init(_ message: SolverState) {
        iteration = Int(message.iter)
        learnedNet = message.learnedNet
        currentStep = Int(message.currentStep)
        guard message.hasTwoTower else { return }
        let ours = message.twoTower
        seed = ours.randomSeed
        batchSize = Int(clamping: ours.batchSize)
        worldSize = Int(clamping: ours.worldSize)
        listFingerprints = ours.listFingerprint
        netFingerprint = ours.netFingerprint
        recentLosses = ours.recentLoss.filter(\.isFinite)
        iterSize = ours.hasIterSize ? Int(clamping: ours.iterSize) : nil
        solverType = ours.hasSolverType ? ours.solverType : nil
        layers = ours.layer
        parameters = ours.parameter
        kernels = ours.hasKernels ? try? JSONDecoder().decode(KernelChoices.self, from: Data(ours.kernels.utf8)) : nil
        exchange = [String: ExchangeMethod](lines: ours.exchange)
        if ours.microBatch > 0 {
            deterministic = DeterministicState(
                microBatch: Int(clamping: ours.microBatch), threads: Int(clamping: ours.threads))
        }
    }

    /// Writes the same text for the same choices.
    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return encoder
    }

    /// The message without its history.
    package var message: SolverState {
        var message = SolverState()
        message.iter = Int32(iteration)
        message.learnedNet = learnedNet
        message.currentStep = Int32(currentStep)
        message.twoTower.version = Self.sealedVersion
        message.twoTower.randomSeed = seed ?? 0
        message.twoTower.batchSize = UInt64(batchSize ?? 0)
        message.twoTower.worldSize = UInt64(worldSize ?? 0)
        message.twoTower.listFingerprint = listFingerprints
        message.twoTower.netFingerprint = netFingerprint ?? 0
        message.twoTower.recentLoss = recentLosses
        if let kernels, let text = try? Self.encoder.encode(kernels) {
            message.twoTower.kernels = String(decoding: text, as: UTF8.self)
        }
        message.twoTower.exchange = exchange.lines
        if let deterministic {
            message.twoTower.microBatch = UInt64(deterministic.microBatch)
            message.twoTower.threads = UInt64(deterministic.threads)
        }
        if let iterSize { message.twoTower.iterSize = UInt64(iterSize) }
        if let solverType { message.twoTower.solverType = solverType }
        message.twoTower.layer = layers
        message.twoTower.parameter = parameters
        return message
    }
}
