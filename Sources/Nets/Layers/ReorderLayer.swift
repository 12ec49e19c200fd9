package import CaffeProto
package import Tensors

/// Copies a blob into another memory layout: the net puts it where a layer wants a layout that its bottom doesn't have.
///
/// Bottom and top are N × C × H × W. Backward copies the diff the other way.
package final class ReorderLayer: Layer {
    private let layout: Layout
    private var primitive: DNNLReorder?

    /// What the net inserts.
    init(_ definition: LayerParameter, context: NetContext, to layout: Layout) throws {
        self.layout = layout
        try super.init(definition, context: context)
    }

    package required init(_ definition: LayerParameter, context: NetContext) throws {
        throw definition.fault("is put by the net itself where layouts differ; take it out of the definition")
    }

    package override func bottomLayouts(_ bottom: [Blob]) -> [Layout] { bottom.map(\.layout) }

    package override var backwardReadsBottoms: Bool { false }
    package override var backwardReadsTops: Bool { false }

    package override func setUp(bottom: [Blob], top: [Blob]) throws {
        try top[0].reshape(bottom[0].shape, layout: layout)
        primitive = try DNNLReorder(bottom[0].shape, from: bottom[0].layout, to: layout)
    }

    package override func forward(bottom: [Blob], top: [Blob]) throws {
        guard let primitive else { preconditionFailure("\(name) runs before setUp") }
        try primitive.forward(source: bottom[0], destination: top[0])
    }

    package override func backward(top: [Blob], propagateDown: [Bool], bottom: [Blob]) throws {
        guard let primitive else { preconditionFailure("\(name) runs before setUp") }
        if propagateDown[0] { try primitive.backward(destination: top[0], source: bottom[0]) }
    }
}
