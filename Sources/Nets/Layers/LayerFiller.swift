import CaffeProto
import Tensors

extension Layer {
    /// Turns a `weight_filler` or `bias_filler` into the filler it names, or says what is wrong with it.
    func filler(_ parameter: FillerParameter, _ field: String) throws -> Filler {
        switch parameter.type {
        case "constant":
            return .constant(parameter.value)
        case "uniform":
            guard parameter.min <= parameter.max else {
                throw fault("\(field) has min \(parameter.min) above max \(parameter.max)")
            }
            return .uniform(min: parameter.min, max: parameter.max)
        case "gaussian":
            guard parameter.std >= 0 else {
                throw fault("\(field) has std \(parameter.std), which must not be negative")
            }
            let sparse = parameter.sparse
            guard sparse >= -1 else {
                throw fault(
                    "\(field) has sparse \(sparse); give how many weights of an output are not zero, or -1 for all")
            }
            return .gaussian(mean: parameter.mean, std: parameter.std, sparse: sparse < 0 ? nil : Int(sparse))
        case "xavier":
            return .xavier(varianceNorm(parameter))
        case "msra":
            return .msra(varianceNorm(parameter))
        case "positive_unitball":
            return .positiveUnitBall
        case "bilinear":
            return .bilinear
        default:
            throw unknownFiller(parameter.type, field)
        }
    }

    private func varianceNorm(_ parameter: FillerParameter) -> Filler.VarianceNorm {
        switch parameter.varianceNorm {
        case .fanIn: .fanIn
        case .fanOut: .fanOut
        case .average: .average
        }
    }

    private func unknownFiller(_ type: String, _ field: String) -> NetError {
        let known = ["constant", "uniform", "gaussian", "xavier", "msra", "positive_unitball", "bilinear"]
        let hint = nearest(type, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
        return fault("\(field): unknown type \"\(type)\"\(hint) (known types: \(known.joined(separator: ", ")))")
    }
}
