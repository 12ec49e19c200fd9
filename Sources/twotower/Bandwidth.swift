import ArgumentParser

/// How fast a network is, as people say it: "1Gbit", "10Gbit", "100Mbit", "1.25GB".
struct Bandwidth: ExpressibleByArgument {
    let bytesPerSecond: Double

    init?(argument: String) {
        let units: [(String, Double)] = [
            ("gbit", 1e9 / 8), ("mbit", 1e6 / 8), ("gb", 1e9), ("mb", 1e6),
        ]
        let text = argument.lowercased().replacing("/s", with: "")
        guard let unit = units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(unit.0.count)), number > 0, number.isFinite
        else { return nil }
        bytesPerSecond = number * unit.1
    }
}
