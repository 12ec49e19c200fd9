package import Nets
package import Tensors

/// Whether what an update would be made of are numbers.
///
/// Looks at just what this rank is about to use, after the exchange: its part of the gradients that are divided, factors
/// instead of the products that nobody has made yet. So the seed net's check reads 23 MB instead of 430: 0.7 ms on
/// one core of Zen 4, less than a thousandth of the step.
package struct FiniteWatch {
    private let store: ParameterStore
    private let division: UpdateDivision

    package init(_ store: ParameterStore, division: UpdateDivision) {
        self.store = store
        self.division = division
    }

    /// The names of the parameters whose gradients have an infinite or undefined number.
    package var brokenGradients: [String] {
        zip(store.parameters.indices, store.parameters).compactMap { index, parameter in
            parameter.learns && !isFinite(parameter, at: store.range(of: index)) ? parameter.name : nil
        }
    }

    private func isFinite(_ parameter: Parameter, at range: Range<Int>) -> Bool {
        if case .factors(let factors) = parameter.form { return factors.left.areFinite && factors.right.areFinite }
        return store.gradients?.areFinite(division.own(range)) ?? true
    }
}

extension ParameterStore {
    /// The names of the parameters that have an infinite or undefined number in a buffer laid out like the values.
    package func broken(in buffer: FloatStorage) -> [String] {
        zip(parameters.indices, parameters).compactMap { index, parameter in
            buffer.areFinite(range(of: index)) ? nil : parameter.name
        }
    }
}
