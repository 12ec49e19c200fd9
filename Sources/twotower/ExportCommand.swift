import ArgumentParser
import Comm
import Nets
import Training

extension Export.Part: ExpressibleByArgument {}

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a trained tower, or both, for programs that don't train: Caffe's deploy files, or ONNX.",
        discussion: """
            Takes the TEST phase of the net that was trained and leaves out what only training needs. A tower goes from its
            images to its embedding; pair has both, and ends in two embeddings or in the softmax probability. Inputs and
            outputs have the names of their blobs.

              twotower export --model train_val.prototxt --weights snap_iter_6000.caffemodel --tower a \\
                --onnx tower_a.onnx --caffe tower_a

            How pixels must be prepared (size, order of channels, mean, scale) stands in the comment at the top of the
            prototxt, and in the metadata of the ONNX model, whose number of images is open.
            """)

    @OptionGroup var net: TrainedNetArguments
    @Option(help: ArgumentHelp("Which tower, or both: a, b or pair.", valueName: "a|b|pair"))
    var tower: Export.Part

    @Option(help: ArgumentHelp("Another blob of the tower than its embedding: conv5, fc6, ...", valueName: "name"))
    var blob: String?

    @Option(help: ArgumentHelp("Write PREFIX.prototxt and PREFIX.caffemodel.", valueName: "PREFIX"))
    var caffe: String?

    @Option(help: ArgumentHelp("Write an ONNX model (opset 17).", valueName: "FILE"))
    var onnx: String?

    func validate() throws {
        if caffe == nil, onnx == nil { throw ValidationError("give --caffe PREFIX or --onnx FILE, or both") }
        if blob != nil, tower == .pair { throw ValidationError("--blob goes with --tower a or b") }
    }

    func run() throws {
        try Job.run { communicator, log in
            try communicator.together {
                guard communicator.isRankZero else { return }
                let export = try Export(net.trained, part: tower, blob: blob, log: log)
                if let caffe { try export.writeCaffe(prefix: caffe) }
                if let onnx { try export.writeONNX(to: onnx) }
            }
        }
    }
}
