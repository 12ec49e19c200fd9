package import CaffeProto
package import Tensors

/// Swaps what a half of a two-tower net has made of its images with the rank that carries the other tower.
///
/// Bottoms: this tower's blobs; tops: the other tower's, of the same pairs. No gradient passes: both ranks compute the same
/// loss from the same blobs, and each passes its own tower's gradient down (`TowerSplit`).
package final class PartnerLayer: Layer {
    private let link: any PartnerLink

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        guard let link = context.partner else {
            throw definition.fault("is put by --placement split itself; take it out of the definition")
        }
        self.link = link
        try super.init(definition, context: context)
    }

    package override var bottomCount: ClosedRange<Int> { 1...(.max) }
    package override var topCount: ClosedRange<Int> { 1...(.max) }

    package override func passesGradient(toBottom index: Int) -> Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        let mine = bottom.map(\.shape.dims)
        let theirs = try link.swap(shapes: mine)
        guard theirs.count == top.count else {
            throw fault("the other tower gives \(theirs.count) blobs where \(top.count) are read of it")
        }
        for (blob, dims) in zip(top, theirs) { try blob.reshape(Shape(dims)) }
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        // Each swap is one message each way, and one of them may be of another length.
        for index in 0..<max(bottom.count, top.count) {
            try swap(
                index < bottom.count ? bottom[index] : nil, index < top.count ? top[index] : nil)
        }
    }

    private func swap(_ mine: Blob?, _ theirs: Blob?) throws {
        let (send, receive) = (mine ?? Self.nothing, theirs ?? Self.nothing)
        try send.withData { mine in
            try receive.withMutableData { (theirs: inout MutableSpan<Float>) in
                try link.swap(mine, &theirs)
            }
        }
    }

    private static var nothing: Blob { Blob(name: "nothing", [0]) }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) {}
}
