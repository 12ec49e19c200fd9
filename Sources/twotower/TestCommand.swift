import ArgumentParser
import Comm
import Foundation
import Training
import Verification

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs a net's TEST phase over its lists, on all ranks, and prints its outputs.",
        discussion: """
            A net that ends in a contrastive loss also gets its verification figures: AUC (the chance that a matching
            pair is closer than another) and EER (the rate at which as many matching pairs are rejected as others are
            accepted), with the distance that is the threshold there.
            """)

    @OptionGroup var net: TrainedNetArguments

    @Option(help: "Batches to run (default: as many as the list fills, each pair counted once).")
    var iterations: Int?

    @OptionGroup var input: InputOptions
    @OptionGroup var badImages: BadImageArguments
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if let iterations, iterations < 1 { throw ValidationError("--iterations \(iterations): give 1 or more") }
    }

    func run() throws {
        try Job.run(threads: compute.threads, stallTimeout: watch.stallTimeout) { communicator, log in
            var options = input.runOptions(compute)
            badImages.fill(&options)
            let result = try Tester.test(
                model: net.model, weights: net.weightFiles, map: net.weightOptions.map, iterations: iterations,
                options: options, communicator: communicator, log: log)
            log.testOutputs(result.outputs)
            guard communicator.isRankZero else { return }
            for output in result.outputs { print("\(output.name) = \(TrainingLog.format(output.value))") }
            if result.replaced > 0 { print("pairs left out = \(result.replaced) (they can't be read)") }
            printVerification(DistanceTable(result.pairs.map { .init(distance: $0.distance, isMatch: $0.isMatch) }))
        }
    }

    private func printVerification(_ table: DistanceTable) {
        guard !table.rows.isEmpty else { return }
        print("pairs = \(table.rows.count) (\(table.matches) matching, \(table.nonMatches) not)")
        for (matching, name) in [(true, "matching"), (false, "non-matching")] {
            guard let mean = table.meanDistance(matching: matching) else { continue }
            print("mean distance of \(name) pairs = \(TrainingLog.format(mean))")
        }
        guard let curve = ROCCurve(table) else {
            print("AUC and EER need matching and non-matching pairs, and distances that are numbers")
            return
        }
        let equal = curve.equalError
        print(String(format: "AUC = %.4f", curve.areaUnderCurve))
        print(String(format: "EER = %.4f at distance %.4f", equal.rate, equal.threshold))
    }
}
