import Foundation
import Testing

/// LARS (`local_lr_auto`): each layer's rate follows the length of its weights over that of its gradient.
struct LocalRateTests {
    private func length(_ values: [Double]) -> Double { sqrt(values.reduce(0) { $0 + $1 * $1 }) }

    @Test(arguments: [("", 1.0), ("iter_size: 2", 0.5)])
    func plainLoop(field: String, scale: Double) throws {
        let check = try RuleCheck(
            """
            base_lr: 2 lr_policy: "fixed" momentum: 0.5 weight_decay: 0.25 local_lr_auto: true local_gw_ratio: 0.125
            \(field)
            """)
        var expected = check.weights
        var momentum = [[0.0, 0, 0], [0, 0, 0]]
        for iteration in 0..<4 {
            let gradients = check.step(iteration).map { $0.map { $0 * scale } }
            for (layer, (rate, decay)) in [(2.0, 0.25), (4.0, 0.0)].enumerated() {
                let size = length(expected[layer])
                let local = 0.125 * size / (length(gradients[layer]) + decay * size)
                for index in 0..<3 {
                    momentum[layer][index] =
                        0.5 * momentum[layer][index]
                        + rate * local * (gradients[layer][index] + decay * expected[layer][index])
                    expected[layer][index] -= momentum[layer][index]
                }
            }
            for (found, wanted) in zip(check.weights.joined(), expected.joined()) {
                #expect(abs(found - wanted) < 5e-6, "iteration \(iteration)")
            }
        }
    }
}
