import Foundation
import TestSupport

/// `fuzzing FORMAT COUNT SEED [FIRST]`: reads COUNT damaged files of a format, those numbered FIRST (0) and on.
///
/// The same seed and number make the same file. A file that takes more than twenty seconds ends the process by SIGALRM, one
/// that crashes it by another signal: the last line then names its number, and the file itself is left in the folder of
/// the line before it. What grows the process by more than the bound below ends it with status 1.
@main
enum Fuzzing {
    /// Over what it takes to read files that are whole.
    static let bound = 64 << 20

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        guard arguments.count >= 3, let format = Format(rawValue: arguments[0]), let count = Int(arguments[1]),
            let seed = UInt64(arguments[2]), let first = arguments.count > 3 ? Int(arguments[3]) : 0
        else {
            print("fuzzing FORMAT COUNT SEED [FIRST], of the formats", Format.allCases.map(\.rawValue))
            exit(2)
        }
        let folder = try ScratchDirectory("fuzzing")
        print(folder.path)
        let reading = try Reading(format, in: folder)
        let corpus = try format.corpus()
        for (number, file) in corpus.enumerated() {
            do { try reading.read(file) } catch { fatalError("file \(number) of the corpus is refused: \(error)") }
        }
        let before = peakMemory
        var (accepted, slowest) = (0, Duration.zero)
        for number in first..<first + count {
            alarm(20)
            progress(number)
            var input = Mutator.input(from: corpus, isText: format.isText, seed: seed, number: number)
            if !number.isMultiple(of: 4) { input = format.mended(input) }
            let time = ContinuousClock().measure {
                if (try? reading.read(input)) != nil { accepted += 1 }
            }
            slowest = max(slowest, time)
        }
        alarm(0)
        let growth = peakMemory - before
        print(
            "\n\(format): \(count) inputs, \(accepted) accepted, \(count - accepted) refused, "
                + "\(growth >> 20) MiB of growth, the slowest took \(slowest.formatted(.units(allowed: [.milliseconds])))"
        )
        if growth > bound { exit(1) }
    }

    /// Says which input comes, over the one before, for whoever looks for one that crashed.
    private static func progress(_ number: Int) {
        FileHandle.standardOutput.write(Data("\r\(number) ".utf8))
    }

    /// The most memory that the process has had, in bytes.
    private static var peakMemory: Int {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else {
            fatalError("no figures of this process")
        }
        return usage.ru_maxrss << 10
    }
}
