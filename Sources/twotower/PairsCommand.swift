import ArgumentParser
import Comm
import Foundation
import Pairs
import Tensors
import Training

struct PairsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairs",
        abstract: "Makes lists of matching and of impostor pairs from images sorted by identity, split by identity.",
        discussion: """
            Takes a folder with a folder of JPEG or PNG images for each identity (faces/s1/1.png); two such folders with
            --folder1 and --folder2, where the towers see different kinds of pictures; or a table with the columns path,
            identity and perhaps view, with commas or tabs between, as .csv or .tsv. An identity is in one split only. The
            same images and the same seed give the same lists on every machine.

              twotower pairs faces --output lists
              twotower pairs faces --output lists --root faces --genuine 20 --impostors 2 --exhaustive test
              twotower pairs --folder1 photos --folder2 sketches --output lists --split train=0.9,test=0.1
              twotower pairs faces.csv --output lists --identities-of test=test-people.txt --exclude old_test1.txt

            For each split S it writes S1.txt and S2.txt, the lists of the towers (path and label, 1 for a matching pair);
            S_identities.txt, the two identities of each pair; S_images.txt, all its images with the numbers of their
            identities (S_images1.txt and S_images2.txt, one a view, with two folders); and identities.txt, the names to
            these numbers.
            """)

    @OptionGroup var source: PairSourceArguments
    @OptionGroup var splitting: SplitArguments
    @OptionGroup var choice: PairChoiceArguments

    @Option(help: ArgumentHelp("The folder for the lists.", valueName: "folder"))
    var output: String

    @Option(
        help: ArgumentHelp(
            """
            Write the paths of images as they are seen from this folder, which is then the net's root_folder, with a slash. \
            (default: the folder for the lists)
            """, valueName: "folder"))
    var root: String?

    @Flag(help: "Overwrite lists that are there already.")
    var force = false

    @Option(help: "What all that is drawn is drawn from.")
    var seed: UInt64 = 1

    @Option(help: "Show a line with progress, speed and time left: auto (on a terminal), on, off.")
    var progress = TrainCommand.Progress.auto

    func validate() throws {
        if !splitting.exclude.isEmpty, source.noFileCheck {
            throw ValidationError("--exclude compares files, which --no-file-check does not look at")
        }
        let splits = splitting.names
        for name in choice.exhaustive where !splits.contains(name) {
            throw ValidationError("--exhaustive \(name): the splits are \(splits.joined(separator: ", "))")
        }
        if choice.matchingOnly, !splits.contains("train") {
            throw ValidationError(
                "--matching-only is for the split train; the splits are \(splits.joined(separator: ", "))")
        }
    }

    func run() throws {
        try Job.run { communicator, log in
            guard communicator.size == 1 else { throw TooManyRanks(count: communicator.size) }
            defer { Console.showProgress("") }
            if !force {
                let names = PairFiles.names(of: splitting.names, hasViews: source.folder1 != nil)
                try AtomicFile.refuse(names, in: output, hint: "give another --output, or --force")
            }
            var bar = ProgressBar("images", isShown: progress == .auto ? nil : progress == .on)
            let images = try ImageCollection(source.source, looking: source.looking) { bar.show($0, of: $1) }
            Console.showProgress("")
            let split = try splitting.split(images, root: root, seed: seed)
            try write(images, split)
        }
    }

    /// Makes the pairs of each split, writes all files and prints what they hold.
    private func write(_ images: ImageCollection, _ split: IdentitySplit) throws {
        let makers = try split.parts.map { part in
            try PairMaker(images.table, part, choice.recipe(of: part.name, seed: seed))
        }
        let files = try PairFiles(images.table, root: root ?? output)
        var parts = [files.identities]
        for (part, maker) in zip(split.parts, makers) { parts += files.files(of: part, pairs: maker.pairs()) }
        if !force {
            try AtomicFile.refuse(parts.map(\.name), in: output, hint: "give another --output, or --force")
        }
        try AtomicFile.write(
            parts.map { file in
                AtomicFile.Part(name: file.name) { append in try file.write { try append(Data($0)) } }
            }, to: output)
        PairsSummary(images: images, split: split, makers: makers).print(output: output, root: root)
    }

    private struct TooManyRanks: Error, CustomStringConvertible {
        let count: Int

        var description: String { "pairs works alone; it was started on \(count) ranks" }
    }
}
