package import CaffeProto
import Foundation
package import Nets

/// A net as one phase sees it, with where it came from.
package struct NetDefinition {
    /// V2, filtered for the phase.
    package let net: NetParameter
    package let phase: NetContext.Phase
    package let path: String
    /// Where a layer of this name stands in the file, for errors.
    package let place: (String) -> String?
    /// What was repaired while reading, a sentence each.
    package let notes: [String]

    /// The folder of the file: where relative paths are looked for that are not found from the working directory.
    package var directory: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    /// The ImageData layers, in order.
    package var imageData: [LayerParameter] { net.layer.filter { $0.type == "ImageData" } }

    /// Pairs of a batch over all ranks, on which all data layers must agree.
    package func batchSize() throws -> Int {
        if let size = try ImageDataLayer.batchSize(of: net) { return size }
        throw NetError(
            "the \(phase.rawValue) net of \(path) has no ImageData layer; add one for each list of images, with "
                + "include { phase: \(phase.rawValue) }")
    }

    /// A hash of all that shapes the weights: layer names, types and their order; part of a snapshot.
    package var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for layer in net.layer {
            for byte in "\(layer.name)\u{0}\(layer.type)\u{0}".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
        return hash
    }
}
