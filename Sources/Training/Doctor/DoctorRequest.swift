import CaffeProto
import Foundation
import Nets
import Pairs
import Tensors

/// What the doctor is to look at beside the machines.
package struct DoctorRequest: Sendable {
    /// A training, by its solver or, without solver, by its net.
    package enum Subject: Sendable { case solver(String), model(String) }

    package var subject: Subject?
    /// Of the program.
    package var version = ""
    /// Of each rank; nil for its share of the host's processors.
    package var threads: Int?
    /// Instead of the solver's.
    package var snapshotPrefix: String?
    package var options = RunOptions()
    /// Whether to leave out what measures the network.
    package var isQuick = false

    package init() {}
}

/// The definitions of a training, as one host has them.
package struct Definitions {
    package let train: PhaseNet?
    package let tests: [PhaseNet]
    package let settings: SolverSettings?
    package let snapshotPrefix: String?

    package init(_ request: DoctorRequest) throws {
        switch request.subject {
        case nil:
            (train, tests, settings, snapshotPrefix) = (nil, [], nil, nil)
        case .model(let path):
            let phases = try [NetContext.Phase.train, .test].map { try PhaseNet.load(path, phase: $0) }
            train = phases[0].dataLayers.isEmpty ? nil : phases[0]
            tests = phases[1].dataLayers.isEmpty ? [] : [phases[1]]
            (settings, snapshotPrefix) = (nil, nil)
        case .solver(let path):
            let file = try SolverDefinition(path: path)
            settings = try SolverSettings(file.solver)
            train = try file.trainNet()
            tests = try file.testNets()
            snapshotPrefix = request.snapshotPrefix ?? file.snapshotPrefix
        }
    }

    /// The phases that read lists or databases.
    var phases: [PhaseNet] { (train.map { [$0] } ?? []) + tests }
}
