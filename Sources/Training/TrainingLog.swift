import Foundation
package import Logging

/// What rank zero says, in Caffe's words: its tools and ten years of users' scripts read these lines.
///
/// Source of the wording: Caffe, src/caffe/solver.cpp and sgd_solver.cpp. Other ranks' loggers are silent at this level.
package struct TrainingLog {
    package let logger: Logger

    package init(_ logger: Logger) { self.logger = logger }

    /// A value over the whole batch that a net puts out, with what it counts in the loss.
    package struct Output: Sendable {
        package let name: String
        package let value: Double
        package var lossWeight: Float = 0
    }

    package func say(_ message: String, file: String = #fileID, line: UInt = #line) {
        logger.info("\(message)", file: file, line: line)
    }

    package func warn(_ message: String, file: String = #fileID, line: UInt = #line) {
        logger.warning("\(message)", file: file, line: line)
    }

    func solving(_ net: String, policy: String) {
        say("Solving \(net)")
        say("Learning Rate Policy: \(policy)")
    }

    /// - Parameter seconds: since the display before; 0 at the first, when there is no rate yet.
    func iteration(_ iteration: Int, loss: Double, since seconds: Double, iterations: Int) {
        let rate = seconds > 0 ? Double(iterations) / seconds : 0
        say(
            "Iteration \(iteration) (\(Self.format(rate)) iter/s, \(Self.format(seconds))s/\(max(iterations, 1)) iters), "
                + "loss = \(Self.format(loss))")
    }

    func trainOutputs(_ outputs: [Output]) { list(outputs, phase: "Train") }

    func learningRate(_ rate: Float, at iteration: Int) {
        say("Iteration \(iteration), lr = \(Self.format(Double(rate)))")
    }

    func testing(net index: Int, at iteration: Int) { say("Iteration \(iteration), Testing net (#\(index))") }
    package func testOutputs(_ outputs: [Output]) { list(outputs, phase: "Test") }

    /// Says that some samples of a test were of other pairs than its lists have there.
    func testLeftOut(_ count: Int) {
        guard count > 0 else { return }
        warn(
            "\(count) pair\(count == 1 ? "" : "s") of this test can't be read: the means above are over others in their "
                + "place, distances leave them out")
    }

    func snapshotting(to path: String) { say("Snapshotting to binary proto file \(path)") }
    func snapshottingState(to path: String) { say("Snapshotting solver state to binary proto file \(path)") }
    func finalLoss(_ loss: Double, at iteration: Int) { say("Iteration \(iteration), loss = \(Self.format(loss))") }
    func done(early: Bool) { say(early ? "Optimization stopped early." : "Optimization Done.") }

    private func list(_ outputs: [Output], phase: String) {
        for (index, output) in outputs.enumerated() {
            let value = Self.format(output.value)
            let weight = output.lossWeight
            let loss =
                weight == 0
                ? "" : " (* \(Self.format(Double(weight))) = \(Self.format(Double(weight) * output.value)) loss)"
            say("    \(phase) net output #\(index): \(output.name) = \(value)\(loss)")
        }
    }

    /// Six significant digits, as a C++ stream prints a float.
    package static func format(_ value: Double) -> String { String(format: "%g", value) }
}
