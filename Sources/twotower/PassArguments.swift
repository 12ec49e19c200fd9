import ArgumentParser
import Training

/// How a trained net is run over lists once, on all ranks.
struct PassArguments: ParsableArguments {
    @OptionGroup var input: InputOptions
    @OptionGroup var badImages: BadImageArguments
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var watch: WatchArguments
    @OptionGroup var progress: ProgressArguments

    var options: RunOptions {
        var options = input.runOptions(compute)
        badImages.fill(&options)
        return options
    }
}
