import CaffeProto
import Nets
import Tensors
import TestSupport
import Training

/// A solver beside a plain loop in double precision that does what its paper says, weight by weight.
///
/// Two layers of three weights: "a", and "b" with lr_mult 2 and decay_mult 0.
struct RuleCheck {
    /// What the plain loop knows of a weight and an iteration.
    struct Moment {
        let weight, gradient: Double
        /// The weight's own rate and decay, multipliers included.
        let rate, decay: Double
        /// From 0.
        let iteration: Int
    }

    private static let net =
        TestNet.input("x", [1, 3]) + """
            layer {
                name: "a" type: "InnerProduct" bottom: "x" top: "a"
                inner_product_param { num_output: 1 bias_term: false }
            }
            layer {
                name: "b" type: "InnerProduct" bottom: "x" top: "b" param { lr_mult: 2 decay_mult: 0 }
                inner_product_param { num_output: 1 bias_term: false }
            }
            """

    let settings: SolverSettings
    let solver: Solver
    private let parameters: [Parameter]

    /// - Parameter text: all of the solver but max_iter.
    init(_ text: String) throws {
        let message = try Prototxt.read(SolverParameter.self, text: "max_iter: 99 \(text)", name: "solver")
        let net = try TestNet.make(Self.net)
        settings = try SolverSettings(message)
        solver = try Solver.make(settings, store: net.parameters)
        parameters = net.parameters.parameters
        for (index, parameter) in parameters.enumerated() {
            parameter.blob.copyData(from: TestValues.uniform(3, -2...2, seed: UInt64(index + 1)))
        }
    }

    var weights: [[Double]] { parameters.map { $0.blob.dataArray.map(Double.init) } }

    /// One update by random gradients; returns them.
    @discardableResult
    func step(_ iteration: Int) -> [[Double]] {
        let gradients = parameters.indices.map { TestValues.uniform(3, seed: UInt64(100 + 10 * iteration + $0)) }
        for (parameter, gradient) in zip(parameters, gradients) { parameter.blob.copyDiff(from: gradient) }
        solver.update(iteration: iteration)
        return gradients.map { $0.map(Double.init) }
    }

    /// One sentence for each iteration after which weights differ from those of the loop.
    ///
    /// - Parameter rule: the new weight; its memory is two numbers that begin at zero.
    static func mismatches(
        _ text: String, iterations: Int = 6, rule: (Moment, inout (Double, Double)) -> Double
    ) throws -> [String] {
        let check = try RuleCheck(text)
        var expected = check.weights
        var memory = Array(repeating: Array(repeating: (0.0, 0.0), count: 3), count: 2)
        return (0..<iterations).compactMap { iteration in
            let gradients = check.step(iteration)
            let rate = Double(check.settings.learningRate(at: iteration))
            for (layer, multipliers) in [(1.0, 1.0), (2.0, 0.0)].enumerated() {
                for index in 0..<3 {
                    let moment = Moment(
                        weight: expected[layer][index], gradient: gradients[layer][index], rate: rate * multipliers.0,
                        decay: Double(check.settings.weightDecay) * multipliers.1, iteration: iteration)
                    expected[layer][index] = rule(moment, &memory[layer][index])
                }
            }
            return Compare.mismatch(
                "weights after iteration \(iteration)", check.weights.joined().map { Float($0) },
                expected.joined().map { Float($0) }, tolerance: 3e-6)
        }
    }
}
