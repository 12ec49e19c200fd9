import Foundation
import Tensors
import TestSupport
import Testing
import Verification

/// What scikit-learn fits to the lists of `Golden/verification/calibration.json`.
struct ReferenceCalibration: Decodable {
    struct Distances: Decodable, CustomTestStringConvertible {
        let name: String
        /// In 64ths, as the queries.
        let distances: [Int]
        let isMatch: [Int]
        let queries: [Int]
        let slope: Double
        let intercept: Double
        let logistic: [Double]
        let isotonic: [Double]
        let brier: Double
        let expectedError: Double
        let isotonicBrier: Double

        var testDescription: String { name }

        var table: DistanceTable {
            DistanceTable(zip(distances, isMatch).map { .init(distance: Float($0) / 64, isMatch: $1 == 1) })
        }
    }

    struct Rows: Decodable, CustomTestStringConvertible {
        let name: String
        let length: Int
        /// In 64ths.
        let rows: [Int]
        let mean: [Double]
        let covariance: [Double]
        let shrinkage: Double
        let logDensities: [Double]

        var testDescription: String { name }

        var embeddings: EmbeddingRows { EmbeddingRows(rows.map { Float($0) / 64 }, length: length) }
    }

    let distances: [Distances]
    let rows: [Rows]

    static let all: ReferenceCalibration = {
        let url = Golden.directory.appending(path: "verification/calibration.json")
        let found = (try? Data(contentsOf: url)).flatMap {
            try? JSONDecoder().decode(ReferenceCalibration.self, from: $0)
        }
        return found ?? ReferenceCalibration(distances: [], rows: [])
    }()
}

/// Normal numbers for tests.
struct TestNoise {
    private let random: Random
    private var next: UInt64 = 0

    init(_ purpose: String, seed: UInt64 = 3) { random = Random(seed: seed, purpose: purpose) }

    mutating func normal() -> Double {
        next += 1
        let bits = random.bits(position: next)
        let radius = (-2 * log(1 - Double(Random.unit(bits.x)))).squareRoot()
        return radius * cos(2 * .pi * Double(Random.unit(bits.y)))
    }

    mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }
}
