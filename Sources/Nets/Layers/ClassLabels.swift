import Tensors

/// The labels of a batch as class numbers, for layers that compare scores with the true class.
struct ClassLabels {
    /// Stands for a label that does not count.
    static let ignoredNumber = -1

    private let classes: Int
    private let ignored: Int?
    /// The class of each label, 0 ..< classes, or `ignoredNumber`.
    private(set) var numbers: [Int]
    /// How many labels count.
    private(set) var validCount = 0

    /// - Parameter ignored: the label that does not count, if there is one.
    init(count: Int, classes: Int, ignored: Int?) {
        self.classes = classes
        self.ignored = ignored
        numbers = Array(repeating: 0, count: count)
    }

    /// Reads the labels of a forward pass, each cut to a whole number as Caffe does it.
    ///
    /// Throws where one is no class, which Caffe reads past the end of its memory for.
    mutating func read(_ blob: Blob, for layer: Layer) throws {
        validCount = 0
        try blob.withData { labels in
            for index in numbers.indices {
                guard let number = Int(exactly: labels[index].rounded(.towardZero)) else {
                    throw layer.fault("label \(labels[index]) of \"\(blob.name)\" is no class number")
                }
                if number == ignored {
                    numbers[index] = Self.ignoredNumber
                    continue
                }
                guard 0..<classes ~= number else {
                    throw layer.fault(
                        "label \(number) of \"\(blob.name)\" is no class: there are scores for \(classes) classes, "
                            + "0 to \(classes - 1); correct the list or the num_output of the layer below")
                }
                numbers[index] = number
                validCount += 1
            }
        }
    }
}
