import ArgumentParser
import Comm
import Training
import Verification

extension Relevance.Match: ExpressibleByArgument {}
extension Metric: ExpressibleByArgument {}

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds the nearest embeddings of one file for each of another, exactly, on all ranks.",
        discussion: """
            Takes files that `twotower embed` has written, NAME.npy with NAME.ids.txt beside it. Prints Recall@1, 5 and 10
            and mean average precision, over the whole ranking of each query. Right are rows with the query's label, or with
            --match position the row with its number. Queries for which the index has no right row are left out, and
            counted. Of the index each rank reads its part; results do not depend on their number.

              twotower search --index gallery.npy --queries probes.npy -k 10 --output found --sheet 50

            Writes into the folder search.json (the figures), neighbours.csv (the k nearest rows of each query) and, with
            --sheet, sheet.html with the pictures of the first queries and of what they have found.
            """)

    @Option(help: ArgumentHelp("The embeddings to search in.", valueName: "NAME.npy"))
    var index: String

    @Option(help: ArgumentHelp("The embeddings to search for.", valueName: "NAME.npy"))
    var queries: String

    @Option(
        name: [.customShort("k"), .customLong("neighbours")], help: "How many neighbours of each query are listed.")
    var neighbours = 10

    @Option(
        help: ArgumentHelp(
            "What a query should find: rows with its label, or in its place; or nothing, for lists without labels, and then "
                + "there are no figures.", valueName: "label|position|nothing"))
    var match = Relevance.Match.label

    @Option(help: ArgumentHelp("How distances are measured.", valueName: "euclidean|cosine"))
    var metric = Metric.euclidean

    @Flag(help: "Leave row i of the index out for query i: both files have the same rows.")
    var excludeSelf = false

    @Option(help: ArgumentHelp("The folder for what is written; made if it is not there.", valueName: "folder"))
    var output: String?

    @Option(help: ArgumentHelp("Show so many first queries with their neighbours as pictures.", valueName: "queries"))
    var sheet = 0

    @Option(help: "Put before every path of the ids, as it is (no slash is added), to find the sheet's pictures.")
    var rootFolder = ""

    @OptionGroup var progress: ProgressArguments

    @Option(help: "Threads of each rank (default: the cores it may use, shared out between the ranks of its host).")
    var threads: Int?

    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if neighbours < 1 { throw ValidationError("-k \(neighbours): give 1 or more") }
        if neighbours > 10_000 { throw ValidationError("-k \(neighbours): give 10000 or fewer") }
        if sheet < 0 { throw ValidationError("--sheet \(sheet): give 0 or more") }
        if sheet > 0, output == nil { throw ValidationError("--sheet goes with --output, the folder for it") }
        if excludeSelf, match == .position {
            throw ValidationError("--exclude-self leaves out the only row that --match position calls right")
        }
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): give 1 or more") }
    }

    func run() throws {
        try Job.run(threads: threads, stallTimeout: watch.stallTimeout) { communicator, log in
            defer { Console.showProgress("") }
            let input = try communicator.together { try SearchInput(self) }
            let files = try communicator.together { () -> SearchFiles? in
                guard communicator.isRankZero, let output else { return nil }
                return try SearchFiles(output, ids: input.ids, metric: metric)
            }
            let search = try ExactSearch(
                index: input.index, queries: input.queries, relevance: input.relevance, options: input.options,
                communicator: communicator)
            log.say("searching \(input.index.count) rows of \(input.index.length) for \(input.queries.count) queries")
            var bar = progress.bar("queries", communicator)
            var figures = RetrievalFigures()
            var sheet = input.sheet(of: self)
            bar.show(0, of: input.queries.count)
            try search.run(progress: { bar.show(Int($0), of: input.queries.count) }) { result in
                figures.add(result, input.relevance)
                try files?.append(result, neighbours: neighbours, relevance: input.relevance)
                sheet?.add(result, input.relevance)
            }
            try communicator.together {
                guard communicator.isRankZero else { return }
                let report = SearchReport(
                    index: input.index, queries: input.queries, options: input.options, match: match, figures: figures)
                print(report.text)
                guard let files else { return }
                let names = try files.finish(report, sheet: sheet?.sheet(report))
                print("wrote \(names.joined(separator: ", "))")
            }
        }
    }
}
