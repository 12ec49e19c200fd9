import CaffeProto
import Testing

struct NearestTests {
    private let types = ["Convolution", "Concat", "ContrastiveLoss", "Pooling", "ReLU", "LRN", "InnerProduct"]

    @Test(arguments: [
        ("Convolutoin", "Convolution"),  // neighbours swapped
        ("Convoluton", "Convolution"),  // one left out
        ("Convvolution", "Convolution"),  // one too many
        ("Poolong", "Pooling"),  // another one
        ("CONTRASTIVE_LOSS", "ContrastiveLoss"),  // case and underscores count nothing
        ("relu", "ReLU"),
        ("LRM", "LRN"),
    ])
    func findsTheOneMeant(written: String, meant: String) {
        #expect(nearest(written, in: types) == meant)
    }

    @Test(arguments: ["", "___", "Softmax", "X", "Conv", "ConvolutionTranspose2d"])
    func offersNothingFarAway(written: String) {
        #expect(nearest(written, in: types) == nil)
    }

    @Test func prefersTheNearestAndThenTheFirst() {
        #expect(nearest("pad_x", in: ["pad_hh", "pad_h", "pad_w"]) == "pad_h")
        #expect(nearest("kernel_h", in: ["kernel_w", "kernel_h"]) == "kernel_h")
    }

    @Test func makesTheEndOfASentence() {
        #expect(didYouMean("Poling", in: types) == " (did you mean \"Pooling\"?)")
        #expect(didYouMean("Sigmoid", in: types) == "")
    }
}
