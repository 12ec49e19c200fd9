import ArgumentParser
import Training

/// Which trained net a command looks at.
struct TrainedNetArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The prototxt of the net that was trained.", valueName: "file"))
    var model: String

    @Option(help: ArgumentHelp("The caffemodels with its weights, by layer name.", valueName: "file,..."))
    var weights: String

    @OptionGroup var weightOptions: WeightOptions

    var weightFiles: [String] { weights.split(separator: ",").map(String.init) }

    var trained: TrainedNet { TrainedNet(model: model, weights: weightFiles, map: weightOptions.map) }
}
