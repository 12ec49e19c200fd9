import ArgumentParser
import Comm
import Foundation
import Pairs
import Training

struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Puts the pairs of lists into one database, which a Data layer reads far faster than image files.",
        discussion: """
            Writes an LMDB in Caffe's convention for pairs: a Datum a pair with the channels of both images stacked,
            which a Slice layer separates, and the label. Decoding is done once. Interrupted, the same command goes on
            after the last pair that was committed.

              twotower pack train1.txt train2.txt --output train_lmdb --height 256 --width 256
              twotower pack --check train_lmdb
            """)

    @Argument(help: "The lists, read line by line together.")
    var lists: [String] = []

    @Option(help: ArgumentHelp("The folder to write.", valueName: "folder"))
    var output: String?

    @Option(help: "Resize every image to this height.")
    var height: Int?

    @Option(help: "Resize every image to this width.")
    var width: Int?

    @Flag(help: "One grey channel an image instead of blue, green and red.")
    var gray = false

    @Option(help: "Put before every path of the lists, as it is (no slash is added).")
    var rootFolder = ""

    @Option(
        help: ArgumentHelp("Read a database back and check every record, instead of writing one.", valueName: "folder"))
    var check: String?

    @Option(help: "Threads that decode or check (default: one a core).")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var pixels: PixelLimit
    @OptionGroup var progress: ProgressArguments

    func validate() throws {
        if threads < 1 { throw ValidationError("--threads \(threads): give 1 or more") }
        if check != nil {
            guard lists.isEmpty, output == nil else {
                throw ValidationError("--check takes neither lists nor --output")
            }
            return
        }
        guard !lists.isEmpty, output != nil, let height, let width else {
            throw ValidationError("give the lists, --output, --height and --width; or --check and a folder")
        }
        guard height >= 1, width >= 1 else { throw ValidationError("--height and --width must be 1 or more") }
        let (count, isTooMany) = height.multipliedReportingOverflow(by: width)
        guard !isTooMany, count <= pixels.maxPixels else {
            throw ValidationError("--height \(height) --width \(width): more than --max-pixels \(pixels.maxPixels)")
        }
    }

    func run() throws {
        try Job.run { communicator, log in
            guard communicator.size == 1 else { throw PackError.ranks(communicator.size) }
            var bar = progress.bar("pairs", communicator)
            defer { Console.showProgress("") }
            if let check {
                print(
                    "\(check): \(try PackCheck(check, threads: threads, pixelLimit: pixels.maxPixels) { bar.show($0, of: $1) })"
                )
            } else if let output, let height, let width {
                let list = try PairList(lists.map { .init(file: $0, rootFolder: rootFolder) })
                let packer = PairPacker(
                    .init(
                        list, size: .init(width: width, height: height), isColor: !gray, output: output,
                        threads: threads, pixelLimit: pixels.maxPixels))
                try packer.run { bar.show($0, of: list.count) }
                print("\(output): \(list.count) pairs are packed")
            }
        }
    }

    private enum PackError: Error, CustomStringConvertible {
        case ranks(Int)

        var description: String {
            switch self {
            case .ranks(let count): "pack works alone, on all cores of one machine; it was started on \(count) ranks"
            }
        }
    }
}
