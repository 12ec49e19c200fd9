package import Comm
import Foundation
package import Nets
import Tensors

/// Which exchange each parameter goes through, the same on every rank, and what that costs.
package struct ExchangePlan: Sendable {
    /// One parameter's choice; frozen parameters have none.
    package struct Line: Sendable {
        /// The parameter's number in the store.
        package let index: Int
        package let name: String
        package let method: ExchangeMethod
        package let cost: ExchangeModel.Cost
        /// Whether the gradient comes along with the factors of other weights (a bias).
        package let followsFactors: Bool
    }

    package let model: ExchangeModel
    package let wire: Wire
    package let lines: [Line]
    let factorPlans: [Net.FactorPlan]
    let subBatches: Int

    /// Another method than all-reduce must save this much of a step, so that noise in a measurement changes nothing.
    private static let worthIt = 1e-3

    /// - Parameters:
    ///   - fixed: methods by parameter name, as a snapshot remembers them; they win over the model.
    package init(
        for net: Net, subBatches: Int, options: ExchangeOptions, model: ExchangeModel,
        fixed: [String: ExchangeMethod] = [:]
    ) {
        self.model = model
        self.subBatches = subBatches
        wire = options.wire
        let plans = Dictionary(uniqueKeysWithValues: net.factorPlans.map { ($0.weights, $0) })
        var chosen: [Net.FactorPlan] = []
        var lines: [Line] = []
        for (index, parameter) in net.parameters.parameters.enumerated() where parameter.learns {
            var costs: [ExchangeMethod: ExchangeModel.Cost] = [
                .allReduce: model.allReduce(floats: parameter.shape.count, wire: wire),
                .sharded: model.sharded(floats: parameter.shape.count),
                .tree: model.allReduce(floats: parameter.shape.count, wire: .float32),
            ]
            // Each rank makes the gradient itself: on another processor it would differ in its last bits.
            if model.isUniform || options.method == .factors || net.context.isDeterministic {
                costs[.factors] = plans[index].map { model.factors($0, subBatches: subBatches) }
            }
            let method: ExchangeMethod
            if net.context.isDeterministic {
                method = costs[.factors] == nil ? .tree : .factors
            } else {
                let wanted = options.method ?? fixed[parameter.name] ?? Self.cheapest(costs)
                method = costs[wanted] == nil ? .allReduce : wanted
            }
            if method == .factors, let plan = plans[index] { chosen.append(plan) }
            lines.append(
                Line(
                    index: index, name: parameter.name, method: method, cost: costs[method] ?? .none,
                    followsFactors: false))
        }
        let followers = Set(chosen.compactMap(\.bias))
        self.lines = lines.map { line in
            guard followers.contains(line.index) else { return line }
            return Line(index: line.index, name: line.name, method: .factors, cost: .none, followsFactors: true)
        }
        factorPlans = chosen
    }

    private static func cheapest(_ costs: [ExchangeMethod: ExchangeModel.Cost]) -> ExchangeMethod {
        let allReduce = costs[.allReduce]?.seconds ?? .infinity
        let best = ExchangeMethod.allCases.min { costs[$0]?.seconds ?? .infinity < costs[$1]?.seconds ?? .infinity }
        guard let best, let seconds = costs[best]?.seconds, seconds < allReduce - worthIt else { return .allReduce }
        return best
    }

    /// What a rank sends in a step.
    package var bytesSent: Int { lines.reduce(0) { $0 + $1.cost.bytesSent } }

    /// What snapshots remember, so that a training resumes with the same sums.
    package var methods: [String: ExchangeMethod] {
        Dictionary(lines.map { ($0.name, $0.method) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same of all ranks' parameters, where ranks carry different towers.
    ///
    /// Collective.
    func allMethods(over world: any Communicator) throws -> [String: ExchangeMethod] {
        let texts = try world.allGather(methods.lines.joined(separator: "\n"))
        return [String: ExchangeMethod](lines: texts.flatMap { $0.split(separator: "\n") })
    }

    /// A row a parameter: "fc6[0]  factors  1.065 MB  23.10 ms".
    package var table: TextTable {
        var table = TextTable(["parameter", "exchange", "sent", "predicted"])
        table.alignRight(2, 3)
        for line in lines {
            table.add([
                line.name, line.followsFactors ? "with its weights" : line.method.rawValue,
                String(format: "%.3f MB", Double(line.cost.bytesSent) / 1e6),
                String(format: "%.2f ms", line.cost.seconds * 1e3),
            ])
        }
        return table
    }

    /// One sentence.
    package var summary: String {
        let seconds = lines.reduce(0) { $0 + $1.cost.seconds }
        let counts = ExchangeMethod.allCases.compactMap { method -> String? in
            let count = lines.count { $0.method == method }
            return count == 0 ? nil : "\(count) by \(method.rawValue)"
        }
        return String(
            format: "%@ of %d parameters%@; %.2f MB sent by each rank a step, %.1f ms of exchange and update predicted",
            counts.joined(separator: ", "), lines.count,
            model.isUniform ? "" : " (ranks have different processors, so auto takes no factors)",
            Double(bytesSent) / 1e6, seconds * 1e3)
    }
}

extension ExchangeModel.Cost {
    static let none = ExchangeModel.Cost(bytesSent: 0, seconds: 0)
}
