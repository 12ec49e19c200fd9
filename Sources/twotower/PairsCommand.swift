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
              mpirun -np 8 twotower pairs faces --output harder --hard-negatives 50 \\
                --model train_val.prototxt --weights snap_iter_6000.caffemodel
              twotower pairs faces.csv --output lists --identities-of test=test-people.txt --exclude old_test1.txt

            For each split S it writes S1.txt and S2.txt, the lists of the towers (path and label, 1 for a matching pair);
            S_identities.txt, the two identities of each pair; S_images.txt, all its images with the numbers of their
            identities (S_images1.txt and S_images2.txt, one a view, with two folders); and identities.txt, the names to
            these numbers.
            """)

    @OptionGroup var source: PairSourceArguments
    @OptionGroup var splitting: SplitArguments
    @OptionGroup var choice: PairChoiceArguments
    @OptionGroup var hard: HardNegativeArguments

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

    @OptionGroup var progress: ProgressArguments

    @OptionGroup var weightOptions: WeightOptions
    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if !splitting.exclude.isEmpty, source.noFileCheck {
            throw ValidationError("--exclude compares files, which --no-file-check does not look at")
        }
        let splits = splitting.names
        let named = "the splits are \(splits.joined(separator: ", "))"
        for name in choice.exhaustive where !splits.contains(name) {
            throw ValidationError("--exhaustive \(name): \(named)")
        }
        for (flag, isGiven) in [("--matching-only", choice.matchingOnly), ("--hard-negatives", hard.isWanted)]
        where isGiven && !splits.contains("train") {
            throw ValidationError("\(flag) is for the split train; \(named)")
        }
        if hard.isWanted, choice.matchingOnly || choice.impostors == 0 || choice.exhaustive.contains("train") {
            throw ValidationError(
                "--hard-negatives chooses impostors of the split train, which --matching-only, --impostors 0 and "
                    + "--exhaustive train leave no choice")
        }
    }

    func run() throws {
        try Job.run(threads: compute.threads) { communicator, log in
            defer { Console.showProgress("") }
            let (images, split, makers) = try communicator.together { try prepared(communicator) }
            let mined = try mine(images, split, makers, communicator, log)
            try communicator.together {
                guard communicator.isRankZero else { return }
                try write(images, split, makers, mined)
            }
        }
    }

    /// Finds the images and splits them; nothing is drawn yet.
    private func prepared(
        _ communicator: any Communicator
    ) throws -> (images: ImageCollection, split: IdentitySplit, makers: [PairMaker]) {
        guard communicator.size == 1 || hard.isWanted else { throw TooManyRanks(count: communicator.size) }
        try refuseOverwriting(hasViews: source.folder1 != nil)
        var bar = progress.bar("images", communicator)
        let images = try ImageCollection(source.source, looking: source.looking) { bar.show($0, of: $1) }
        Console.showProgress("")
        try refuseOverwriting(hasViews: images.table.hasViews)
        let split = try splitting.split(images, root: root, seed: seed)
        let makers = try split.parts.map { part in
            try PairMaker(images.table, part, choice.recipe(of: part.name, seed: seed))
        }
        return (images, split, makers)
    }

    private func refuseOverwriting(hasViews: Bool) throws {
        if force { return }
        let names = PairFiles.names(of: splitting.names, hasViews: hasViews)
        try AtomicFile.refuse(names, in: output, hint: "give another --output, or --force")
    }

    /// Impostor pairs of the split train that a trained net takes for alike, if such are wanted.
    ///
    /// Collective.
    private func mine(
        _ images: ImageCollection, _ split: IdentitySplit, _ makers: [PairMaker], _ communicator: any Communicator,
        _ log: TrainingLog
    ) throws -> PairMining.Mined? {
        guard hard.isWanted, let train = split.parts.firstIndex(where: { $0.name == "train" }) else { return nil }
        let found = Fact(
            "the images that were found", "\(images.table.fingerprint)",
            advice: "give all ranks the same folder, at the same path")
        try Agreement.check([found], over: communicator)
        var options = RunOptions()
        compute.fill(&options)
        let mining = PairMining(
            images: images, part: split.parts[train], arguments: hard, map: weightOptions.map, options: options,
            output: output, seed: seed, progress: progress, communicator: communicator, log: log)
        return try mining.run(makers[train])
    }

    /// Makes the pairs of each split, writes all files and prints what they hold.
    private func write(
        _ images: ImageCollection, _ split: IdentitySplit, _ makers: [PairMaker], _ mined: PairMining.Mined?
    ) throws {
        let files = try PairFiles(images.table, root: root ?? output)
        var parts = [files.identities]
        for (part, maker) in zip(split.parts, makers) {
            let given = part.name == "train" ? mined?.pairs : nil
            parts += files.files(of: part, pairs: maker.pairs(given: given ?? []))
        }
        try AtomicFile.write(
            parts.map { file in
                AtomicFile.Part(name: file.name) { append in try file.write { try append(Data($0)) } }
            }, to: output)
        PairsSummary(images: images, split: split, makers: makers, mined: mined).print(output: output, root: root)
    }

    private struct TooManyRanks: Error, CustomStringConvertible {
        let count: Int

        var description: String {
            "pairs works alone, but for --hard-negatives; it was started on \(count) ranks"
        }
    }
}
