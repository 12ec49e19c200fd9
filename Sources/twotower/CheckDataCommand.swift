import ArgumentParser
import Comm
import Foundation
import Pairs
import Tensors
import Training

struct CheckDataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-data",
        abstract: "Decodes every image of lists and reports what would stop a training, or spoil it.",
        discussion: """
            Stops a training: images that are missing, unreadable, truncated or damaged, no JPEG or PNG, too large, or of
            a size that the net can't take. Warnings: images of training in a test, pairs given twice or with two labels,
            pairs of an image with itself, one content under several names, odd sizes and shapes, labels that are not 0 or
            1, one-sided lists. Contents are compared, not names. Under mpirun each rank decodes a part.

              twotower check-data --solver solver.prototxt
              mpirun -np 8 twotower check-data --model train_val.prototxt --report findings.txt
              twotower check-data train1.txt train2.txt --test test1.txt test2.txt

            Exit status: 0 when nothing would stop a training, with warnings or without; 1 otherwise.
            """)

    @Argument(help: "The lists of training, read line by line together.")
    var lists: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("With lists: those of a test, read line by line together.", valueName: "list"))
    var test: [String] = []

    @Option(help: ArgumentHelp("The net's prototxt, whose lists of both phases are checked.", valueName: "file"))
    var model: String?

    @Option(help: ArgumentHelp("The solver's prototxt: checks the lists of its nets.", valueName: "file"))
    var solver: String?

    @Option(help: "Put before every path of the lists, as it is (no slash is added); overrides the net's root_folder.")
    var rootFolder: String?

    @Option(help: "Threads of each rank that decode (default: the cores it may use).")
    var threads: Int?

    @Option(help: "How many examples of each kind to show.")
    var examples = 5

    @Option(help: ArgumentHelp("Write all that was found to this file, a line each.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("Also write figures and examples to this file, as a JSON object.", valueName: "file"))
    var json: String?

    @OptionGroup var progress: ProgressArguments

    @OptionGroup var pixels: PixelLimit
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if [model != nil, solver != nil, !lists.isEmpty].count(where: { $0 }) != 1 {
            throw ValidationError("give one of --model, --solver, and lists")
        }
        if !test.isEmpty, lists.isEmpty { throw ValidationError("--test goes with lists of training") }
        if examples < 0 { throw ValidationError("--examples \(examples): give 0 or more") }
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): give 1 or more") }
    }

    func run() throws {
        try Job.run(threads: threads, stallTimeout: watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let sets = try communicator.together { try checkedLists() }
            try Agreement.check(sets.map(\.fact), over: communicator)
            for set in sets { log.say("\(set.name): \(set.list.sources.map(\.file).joined(separator: " and "))") }
            var bar = progress.bar("images", communicator)
            let start = ContinuousClock.now
            let check = try communicator.together {
                try DataCheck.run(
                    sets, pixelLimit: pixels.maxPixels, threads: Threads.count, communicator: communicator
                ) { bar.show($0, of: $1) }
            }
            let seconds = start.duration(to: .now) / .seconds(1)
            Console.showProgress("")
            try communicator.together {
                if let check { try tell(DataReport(check), seconds: seconds, ranks: communicator.size) }
            }
        }
    }

    private func checkedLists() throws -> [CheckedLists] {
        var options = RunOptions()
        options.rootFolder = rootFolder
        if let model { return try CheckedLists.all(ofNet: model, options: options) }
        if let solver { return try CheckedLists.all(ofSolver: solver, options: options) }
        return try [(lists, "TRAIN"), (test, "TEST")].filter { !$0.0.isEmpty }.map { files, name in
            try CheckedLists(files, name: name, isTraining: name == "TRAIN", rootFolder: rootFolder)
        }
    }

    /// Prints and writes the report; throws if a training would be stopped.
    private func tell(_ found: DataReport, seconds: Double, ranks: Int) throws {
        print(found.text(examples: examples))
        print(
            "\n"
                + String(
                    format: "%d images in %.1f s: %.0f images/s on %d thread(s) of %d rank(s)", found.images, seconds,
                    Double(found.images) / seconds, Threads.count, ranks))
        if let report { try found.write(to: report) }
        if let json {
            try found.writeJSON(
                to: json, examples: examples, seconds: seconds, ranks: ranks, threads: Threads.count)
        }
        print("\(found.problems) would stop a training, \(found.warnings) warnings")
        if found.problems > 0 { throw Unusable(problems: found.problems) }
    }

    private struct Unusable: Error, CustomStringConvertible {
        let problems: Int

        var description: String {
            "a training on these lists would be stopped: \(problems) image\(problems == 1 ? "" : "s") can't be used"
        }
    }
}
