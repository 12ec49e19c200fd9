package import Foundation
internal import SwiftProtobuf

/// Writes a solverstate; its history goes blob by blob.
package struct SolverStateWriter {
    private let write: (Data) throws -> Void
    private let ending: SolverState

    /// Begins a file with `iter` and `learned_net`; the header's other fields follow after the history, as Caffe has it.
    ///
    /// Our own version stands in front of all that as well: a file that is cut short anywhere behind it is not taken for
    /// one of Caffe's.
    ///
    /// - Throws: What `write` throws.
    package init(_ header: SolverState, write: @escaping (Data) throws -> Void) throws {
        precondition(header.history.isEmpty, "the history is written blob by blob")
        precondition(header.hasIter, "a solverstate is known by its iteration")
        var beginning = header
        var ending = header
        beginning.clearCurrentStep()
        beginning.clearTwoTower()
        beginning.clearLearnedNet()
        ending.clearIter()
        ending.clearLearnedNet()
        self.write = write
        self.ending = ending
        try write(beginning.serializedBytes())
        if header.twoTower.hasVersion {
            try write(SolverState.with { $0.twoTower.version = header.twoTower.version }.serializedBytes())
        }
        try write(SolverState.with { if header.hasLearnedNet { $0.learnedNet = header.learnedNet } }.serializedBytes())
    }

    /// Writes one history blob.
    ///
    /// - Throws: What `write` throws.
    package func append(history: BlobProto) throws {
        try writeField(3, history, by: write)
    }

    /// Writes one history blob whose values are not copied.
    ///
    /// - Throws: What `write` throws.
    package func append(history: PackedBlob) throws {
        for piece in try history.pieces(field: 3) { try write(piece) }
    }

    /// Writes what comes after the history; without it the file is not whole.
    ///
    /// - Throws: What `write` throws.
    package func finish() throws {
        try write(ending.serializedBytes())
    }

    /// Writes the last field of a sealed file, behind `finish`.
    ///
    /// - Throws: What `write` throws.
    package func seal(_ seal: SnapshotSeal) throws {
        try write(Data(seal.field))
    }
}
