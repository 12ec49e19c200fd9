import Comm
import Nets

extension Trainer {
    /// What ranks have read of lists and databases.
    private var pairFacts: [Fact] {
        [.pairs("the TRAIN pairs", input.source)]
            + testers.enumerated().flatMap { index, tester in
                tester.inputs.map { .pairs("the pairs of TEST net #\(index)", $0.source) }
            }
    }

    private var weightFacts: [Fact] {
        let store = net.parameters
        return zip(store.parameters.indices, store.parameters).map { index, parameter in
            .weights(parameter, at: store.range(of: index), of: store)
        }
    }

    /// Compares the pairs, before the first is used.
    ///
    /// Collective.
    func agreeOnPairs() throws {
        if communicator.size > 1 { try Agreement.check(pairFacts, over: communicator) }
    }

    /// Compares everything with the other ranks: what is trained, how far it is, and each weight.
    ///
    /// Collective.
    func verify() throws {
        guard communicator.size > 1 else { return }
        let here = Fact("the iteration", "\(iteration)", advice: "This is a fault of the program: please report it.")
        try Agreement.check(plan.facts + pairFacts + [here] + weightFacts, over: communicator, among: team.own)
    }
}
