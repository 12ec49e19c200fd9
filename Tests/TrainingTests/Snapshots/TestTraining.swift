import CaffeProto
import Nets
import TestSupport
import Training

/// A net of one layer with its solver, all numbers different and none zero.
enum TestTraining {
    /// The net's text.
    ///
    /// - Parameter outputs: of four parameters each.
    static func net(outputs: Int = 4) -> String {
        """
        name: "tiny"
        layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }
        layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: \(outputs) } }
        """
    }

    static func make(_ text: String = net()) throws -> (net: Net, solver: Solver) {
        let net = try TestNet.make(text)
        let definition = #"base_lr: 1 lr_policy: "fixed" max_iter: 1 momentum: 0.5"#
        let settings = try SolverSettings(try Prototxt.read(SolverParameter.self, text: definition, name: "solver"))
        let solver = try Solver.make(settings, store: net.parameters)
        for (index, parameter) in net.parameters.parameters.enumerated() {
            let count = parameter.shape.count
            parameter.blob.copyData(from: TestValues.uniform(count, seed: UInt64(index + 1)))
            solver.history[0].copy(
                TestValues.uniform(count, seed: UInt64(index + 11)), at: net.parameters.offsets[index])
        }
        return (net, solver)
    }
}
