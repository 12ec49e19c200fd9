import ArgumentParser
import CaffeProto
import Tensors
import Training

struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Rewrites an old net, solver or caffemodel in Caffe's newest form.",
        discussion: """
            Reads a prototxt of any age (layers { layer { } }, layers { }, layer { }, or a mix of them) or a caffemodel,
            and says what it changed. What is written reads back as the same net; comments are not kept. Paths in it stay
            as they are, so write it beside the old one.
            """)

    @Argument(help: ArgumentHelp("The old prototxt of a net or a solver, or a caffemodel.", valueName: "in"))
    var input: String

    @Argument(help: ArgumentHelp("Where to write the new one; may be the same file.", valueName: "out"))
    var output: String

    func run() throws {
        try Job.alone {
            let file = try UpgradedFile(input)
            try AtomicFile.write(to: output, file.write)
            for note in file.notes { print("\(input): \(note)") }
            print(file.notes.isEmpty ? "\(input) is in today's form" : "\(output) written")
        }
    }
}
