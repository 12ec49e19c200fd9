import Foundation

/// All figures of a list of pairs with their intervals: what a report shows and a JSON file keeps.
package struct PairFigures: Codable, Equatable, Sendable {
    package struct Figure: Codable, Equatable, Sendable {
        /// As people call it.
        package let title: String
        /// nil when the list can't tell; `absent` says why.
        package var value: Double?
        package var interval: Bootstrap.Interval?
        /// Where the figure is read off (accept when distance ≤ threshold); nil for areas.
        package var threshold: Float?
        package var absent: String?
    }

    package let pairs: Int
    package let matching: Int
    package let nonMatching: Int
    /// How many identities the pairs are of, where that is known.
    package let identities: Int?
    /// How the intervals were made.
    package let bootstrap: Bootstrap
    /// What was drawn for them.
    package let resampled: Bootstrap.Unit
    /// By `Measure.name`.
    package let figures: [String: Figure]
    /// The names in the order in which people read them.
    package let order: [String]

    /// nil when the table lacks matching or non-matching pairs, or holds a distance that is no number.
    ///
    /// - Parameter threshold: one that another list has given, for `Measure.accuracy`.
    package init?(
        _ table: DistanceTable, identities: PairIdentities? = nil, threshold: Float? = nil,
        bootstrap: Bootstrap = Bootstrap()
    ) {
        guard let ranking = RankedPairs(table) else { return nil }
        let counts = ranking.counts
        pairs = table.rows.count
        matching = counts.allMatches
        nonMatching = counts.allOthers
        self.identities = identities?.count
        self.bootstrap = bootstrap
        resampled = identities == nil ? .pairs : .identities

        let measures = Measure.usual + (threshold.map { [.accuracy(threshold: $0)] } ?? [])
        let told = measures.filter { $0.lack(others: counts.allOthers) == nil }
        let index = threshold.map { ranking.index(threshold: $0) } ?? 0
        let intervals = bootstrap.intervals(of: ranking, identities: identities) { counts in
            told.map { $0.value(of: counts, index: index).value }
        }
        var figures: [String: Figure] = [:]
        for measure in measures {
            figures[measure.name] = Figure(title: measure.title, absent: measure.lack(others: counts.allOthers))
        }
        for (measure, interval) in zip(told, intervals) {
            let (value, index) = measure.value(of: counts, index: index)
            figures[measure.name]?.value = value
            figures[measure.name]?.interval = interval
            figures[measure.name]?.threshold = index.map { ranking.threshold($0) }
            if case .accuracy(let given) = measure { figures[measure.name]?.threshold = given }
        }
        self.figures = figures
        order = measures.map(\.name)
    }

    /// The figure of this name, "auc".
    package subscript(_ name: String) -> Figure? { figures[name] }

    /// Title, value, interval and threshold of each figure, in order, for a table.
    package var rows: [[String]] {
        order.compactMap { figures[$0] }.map { figure in
            guard let value = figure.value else { return [figure.title, "-", figure.absent ?? "", ""] }
            let interval = figure.interval.map { String(format: "%.4f … %.4f", $0.low, $0.high) } ?? ""
            let threshold = figure.threshold.map { String(format: "%.4f", $0) } ?? ""
            return [figure.title, String(format: "%.4f", value), interval, threshold]
        }
    }

    /// The heads of these columns.
    package var columns: [String] {
        let share = String(format: "%g", bootstrap.level * 100)
        return ["", "value", "\(share) % interval (\(resampled.rawValue))", "threshold"]
    }
}
