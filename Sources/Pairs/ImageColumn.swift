package import Tensors

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

    /// Why a picture of this size can't be used, where pictures keep their size; `first` is that of the list's first.
    package func sizeError(_ path: String, found: ImageError.Size, first: ImageError.Size) -> ImageError? {
        guard size == nil, found != first else { return nil }
        let crop = transform.cropSize
        if crop == 0 || transform.hasMeanImage { return .wrongSize(file: path, found: found, expected: first) }
        return min(found.width, found.height) < crop ? .smallerThanCrop(file: path, found: found, crop: crop) : nil
    }

    /// The shapes C × H × W of a picture before the transform and of the sample after it.
    package struct Geometry: Equatable, Sendable {
        package let picture: Shape
        package let sample: Shape
    }

    /// The shapes; `first`, the size of the list's first image, counts only where images aren't resized.
    package func geometry(first: @autoclosure () throws -> ImageError.Size) throws -> Geometry {
        let size = try size ?? first()
        let picture: Shape = [isColor ? 3 : 1, size.height, size.width]
        return Geometry(picture: picture, sample: try transform.outputShape(for: picture))
    }
}
