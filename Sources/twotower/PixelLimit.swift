import ArgumentParser
import Pairs

/// How large an image may be.
struct PixelLimit: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Refuse images of more pixels than this: a file of a few bytes may claim to be so large that it takes all "
                + "memory.", valueName: "pixels"))
    var maxPixels = ImageDecoder.defaultPixelLimit

    func validate() throws {
        if maxPixels < 1 { throw ValidationError("--max-pixels \(maxPixels): give 1 or more") }
    }
}
