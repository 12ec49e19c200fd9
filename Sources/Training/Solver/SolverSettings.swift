package import CaffeProto

/// A solver definition, checked: what does not change during a run.
package struct SolverSettings {
    /// How weights are drawn to zero: L2 by their value, L1 by their sign.
    package enum Regularization: Sendable { case l1, l2 }

    package let type: String
    package let baseRate: Float
    package let policy: LearningRatePolicy
    package let momentum: Float
    /// Adam's β₂.
    package let momentum2: Float
    package let rmsDecay: Float
    /// Keeps the adaptive rules' divisors from zero.
    package let delta: Float
    package let weightDecay: Float
    package let regularization: Regularization
    /// The largest allowed norm of all gradients together; nil for no limit.
    package let clipGradients: Float?
    /// LARS: the ratio by which each parameter gets a rate of its own; nil for one rate.
    package let localRateRatio: Float?
    private let warmUp: WarmUp?
    package let iterSize: Int
    package let maxIteration: Int
    package let display: Int
    package let averageLoss: Int
    package let snapshotInterval: Int
    package let snapshotAfterTrain: Bool
    /// How many of the newest snapshots stay; nil for all.
    package let snapshotKeep: Int?
    /// Every how many seconds a snapshot is written, beside those by iterations; 0 for none by time.
    package let snapshotSeconds: Double
    package let testInterval: Int
    package let testInitialization: Bool
    package let testIterations: [Int]

    package init(_ solver: SolverParameter) throws {
        func check(_ holds: Bool, _ message: String) throws {
            guard holds else { throw SolverError("solver: \(message)") }
        }
        try check(solver.hasBaseLr, "base_lr is missing; add the learning rate to begin with, such as base_lr: 0.01")
        try check(solver.maxIter > 0, "max_iter is \(solver.maxIter); give how many iterations to train, more than 0")
        try check(
            (1...1_000_000).contains(solver.iterSize),
            "iter_size is \(solver.iterSize), expected 1 or more, and 1000000 at most")
        try check(solver.averageLoss > 0, "average_loss is \(solver.averageLoss), expected 1 or more")
        try check(solver.display >= 0 && solver.snapshot >= 0, "display and snapshot can't be negative")
        try check(
            ["L1", "L2"].contains(solver.regularizationType),
            "regularization_type \"\(solver.regularizationType)\" is unknown (known: L1, L2)")
        try check(
            solver.snapshotFormat == .binaryproto || !solver.hasSnapshotFormat,
            "snapshot_format HDF5 is not written; leave it out or say BINARYPROTO")
        try check(
            solver.snapshotKeep >= 0 && (0...1e9).contains(solver.snapshotSeconds),
            "snapshot_keep and snapshot_seconds can't be negative, or more than 1e9; leave them out to keep all, and for none "
                + "by time")
        let tests = solver.testIter.map(Int.init)
        try check(
            tests.allSatisfy { (1...1_000_000).contains($0) }, "test_iter must be more than 0, and 1000000 at most")
        try check(tests.count <= 100, "test_iter is given \(tests.count) times, at most 100 nets are tested")
        try check(
            tests.isEmpty || solver.testInterval > 0,
            "test_iter is given without test_interval; say every how many iterations to test")
        type = solver.type
        baseRate = solver.baseLr
        policy = try LearningRatePolicy(solver)
        momentum = solver.momentum
        momentum2 = solver.momentum2
        rmsDecay = solver.rmsDecay
        delta = solver.delta
        localRateRatio = solver.localLrAuto ? solver.localGwRatio : nil
        warmUp = try WarmUp(solver)
        weightDecay = solver.weightDecay
        regularization = solver.regularizationType == "L1" ? .l1 : .l2
        clipGradients = solver.clipGradients >= 0 ? solver.clipGradients : nil
        iterSize = Int(solver.iterSize)
        maxIteration = Int(solver.maxIter)
        display = Int(solver.display)
        averageLoss = Int(solver.averageLoss)
        snapshotInterval = Int(solver.snapshot)
        snapshotAfterTrain = solver.snapshotAfterTrain
        snapshotKeep = solver.snapshotKeep > 0 ? Int(solver.snapshotKeep) : nil
        snapshotSeconds = Double(solver.snapshotSeconds)
        testInterval = Int(solver.testInterval)
        testInitialization = solver.testInitialization
        testIterations = tests
    }

    package func learningRate(at iteration: Int) -> Float {
        if let warmUp, iteration < warmUp.iterations { return warmUp.rate(at: iteration, to: baseRate) }
        return Float(Double(baseRate) * policy.factor(at: iteration))
    }

    /// What the momentum is multiplied by while the rate warms up: V holds the old rate, so it grows with the new one
    /// (Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2).
    func momentumCorrection(at iteration: Int) -> Float {
        guard let warmUp, (1...warmUp.iterations).contains(iteration) else { return 1 }
        let before = learningRate(at: iteration - 1)
        return before > 0 ? learningRate(at: iteration) / before : 1
    }

    /// For rules that have no use for momentum.
    func refuseMomentum(_ type: String) throws {
        guard momentum == 0 else {
            throw SolverError("solver: type \(type) knows no momentum; leave momentum out (it is \(momentum))")
        }
    }
}
