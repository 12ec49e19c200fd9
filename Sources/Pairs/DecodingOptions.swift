/// How image files become pixels, where there is a choice.
package struct DecodingOptions: Sendable {
    /// Images of more pixels are refused.
    package var pixelLimit = ImageDecoder.defaultPixelLimit
    /// Whether JPEGs that are at least twice too large both ways are decoded at a fraction of their size, not bit-equal
    /// to Caffe.
    package var isFast = false
    /// What becomes of pairs that can't be read.
    package var badImages = BadImagePolicy.fail
    /// Where pictures are kept for the next time; nil: nowhere.
    package var cache: PictureCache?

    package init() {}
}
