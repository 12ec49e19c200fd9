import CaffeProto
package import Nets
import Tensors

/// What the files of a snapshot hold, apart from the training, which goes on while they are written.
///
/// Sendable, since nobody changes its buffers any more.
@safe package struct SnapshotCopy: @unchecked Sendable {
    package let state: SnapshotState
    let netName: String
    let layers: [StoredLayer]
    /// Weights of all parameters.
    let values: FloatStorage
    private let history: [FloatStorage]
    private let slots: [(dimensions: [Int], range: Range<Int>)]

    /// Notes all that the files need.
    ///
    /// - Parameter sharesBuffers: whether the net's and solver's own buffers may be kept, as nobody trains them.
    package init(of net: Net, _ solver: Solver, state: SnapshotState, sharesBuffers: Bool = false) {
        let store = net.parameters
        var state = state
        state.parameters = store.parameters.map(\.name)
        self.state = state
        netName = net.name
        layers = net.storedLayers
        slots = store.parameters.indices.map { (store.parameters[$0].shape.dims, store.range(of: $0)) }
        values = sharesBuffers ? store.values : store.values.duplicate()
        history = sharesBuffers ? solver.history : solver.history.map { $0.duplicate() }
    }

    /// The history in the order of Caffe's solverstate: all first blobs, then all second ones.
    var historyBlobs: some Sequence<PackedBlob> {
        history.lazy.flatMap { buffer in
            slots.lazy.map { PackedBlob(dimensions: $0.dimensions, values: buffer.bytes($0.range)) }
        }
    }
}
