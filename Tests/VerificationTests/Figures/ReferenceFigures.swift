import Foundation
import TestSupport
import Testing
import Verification

/// A case of `Golden/verification/figures.json`: pairs, and what scikit-learn finds for them.
struct ReferenceFigures: Decodable, CustomTestStringConvertible {
    let name: String
    /// In 1024ths.
    let distances: [Int]
    let isMatch: [Int]
    let weights: [Int]?
    let expected: [String: Double?]

    static let all: [ReferenceFigures] = {
        let url = Golden.directory.appending(path: "verification/figures.json")
        guard let data = try? Data(contentsOf: url) else { return [] }
        return (try? JSONDecoder().decode([ReferenceFigures].self, from: data)) ?? []
    }()

    static let unweighted = all.filter { $0.weights == nil }

    var testDescription: String { name }

    var table: DistanceTable {
        DistanceTable(
            zip(distances, isMatch).map { .init(distance: Float($0) / 1024, isMatch: $1 == 1) })
    }

    /// What is expected under this name, which must be there.
    func value(_ name: String) throws -> Double { try #require(expected[name] ?? nil, "\(name)") }
}
