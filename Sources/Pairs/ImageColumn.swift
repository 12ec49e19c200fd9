internal import Tensors

/// One image of each pair, as one ImageData layer wants it: which list it is from and what is made of it.
package struct ImageColumn: Sendable {
    /// Which of the `PairList`'s lists.
    package let list: Int
    /// What every picture is resized to (`new_height`, `new_width`); nil leaves them as they are.
    package let size: ImageError.Size?
    /// Three channels B, G, R, or grey alone.
    package let isColor: Bool
    package let transform: ImageTransform

    package init(list: Int, size: ImageError.Size?, isColor: Bool = true, transform: ImageTransform) {
        self.list = list
        self.size = size
        self.isColor = isColor
        self.transform = transform
    }

    /// C × H × W of a picture that was resized, or that has the size `first` where none is resized.
    func pictureShape(first: ImageError.Size) -> Shape {
        let size = size ?? first
        return [isColor ? 3 : 1, size.height, size.width]
    }
}
