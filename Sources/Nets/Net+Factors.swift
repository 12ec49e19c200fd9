import Tensors

extension Net {
    /// How a parameter's gradient can be kept as factors.
    package struct FactorPlan {
        /// The weights, by their number in the store.
        package let weights: Int
        /// The bias that the same layers use with them, if it can follow.
        package let bias: Int?
        /// Columns of L and R.
        package let leftWidth: Int
        package let rightWidth: Int
        package let isTransposed: Bool
        /// How many layers use the weights.
        package let uses: Int
        /// Rows of a use over all ranks, those of this one, and how many pieces these come in.
        package let rows: Int
        package let shard: Range<Int>
        package let pieces: Int
    }

    /// The weights that only inner products use, with rows that belong to samples.
    package var factorPlans: [FactorPlan] {
        parameters.parameters.indices.compactMap(factorPlan)
    }

    private func factorPlan(_ index: Int) -> FactorPlan? {
        let parameter = parameters.parameters[index]
        guard parameter.learns, let layers = innerProducts(using: parameter, at: 0), let first = layers.first else {
            return nil
        }
        guard layers.allSatisfy({ $0.samples == first.samples && $0.isTransposed == first.isTransposed }) else {
            return nil
        }
        let (shard, batch) = (context.shard, context.globalBatch ?? first.samples)
        let local = context.globalBatch == nil ? 0..<first.samples : shard
        guard !local.isEmpty, first.samples.isMultiple(of: local.count) else { return nil }
        let each = first.samples / local.count
        let whole = context.wholeShard ?? local
        return FactorPlan(
            weights: index, bias: bias(of: layers), leftWidth: parameter.shape[0], rightWidth: parameter.shape[1],
            isTransposed: first.isTransposed, uses: layers.count, rows: batch * each,
            shard: whole.lowerBound * each..<whole.upperBound * each, pieces: context.pieces)
    }

    /// The layers in whose backward the parameter gets its gradient, if each is an inner product with it at `place`.
    private func innerProducts(using parameter: Parameter, at place: Int) -> [InnerProductLayer]? {
        let users = steps.filter { step in
            step.needsBackward && step.layer.parameters.contains { $0 === parameter }
        }
        let layers = users.compactMap { $0.layer as? InnerProductLayer }
        guard layers.count == users.count else { return nil }
        let fits = layers.allSatisfy {
            $0.parameters[place] === parameter && $0.parameters.count { $0 === parameter } == 1
                && (place > 0
                    || parameter.shape == ($0.isTransposed ? [$0.inputs, $0.outputs] : [$0.outputs, $0.inputs]))
        }
        return fits ? layers : nil
    }

    /// The one bias of these layers, if no other layer uses it.
    private func bias(of layers: [InnerProductLayer]) -> Int? {
        guard layers[0].parameters.count > 1, layers[0].parameters[1].learns else { return nil }
        let bias = layers[0].parameters[1]
        guard let users = innerProducts(using: bias, at: 1), users.count == layers.count,
            zip(users, layers).allSatisfy({ $0 === $1 })
        else { return nil }
        return parameters.parameters.firstIndex { $0 === bias }
    }

    /// Keeps the gradient of the plan's weights, and of its bias, as factors from now on.
    ///
    /// - Parameter subBatches: backward passes of an iteration (`iter_size`).
    package func keepFactors(_ plan: FactorPlan, subBatches: Int) -> Factors {
        let factors = Factors(
            leftWidth: plan.leftWidth, rightWidth: plan.rightWidth, blocks: plan.uses * subBatches, rows: plan.rows,
            shard: plan.shard, pieces: plan.pieces, backend: context.defaultEngine == .dnnl ? .dnnl : .openBLAS,
            precision: context.precision)
        parameters.parameters[plan.weights].keepGradient(as: .factors(factors))
        if let bias = plan.bias {
            parameters.parameters[bias].keepGradient(as: .sumOfRows(factors, ofLeft: !plan.isTransposed))
        }
        return factors
    }
}
