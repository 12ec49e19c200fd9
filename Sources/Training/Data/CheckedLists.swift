import CaffeProto
import Nets
package import Pairs

/// The lists of one phase that are checked, and what a net makes of their images, if there is one.
package struct CheckedLists: Sendable {
    /// "TRAIN", "TEST".
    package let name: String
    /// Whether what stands here should stand in no other list.
    package let isTraining: Bool
    package let list: PairList
    /// A column a list; nil where no net says what becomes of the images.
    let columns: [ImageColumn]?
    /// Whether a contrastive loss reads the labels; nil where no net says so.
    let isContrastive: Bool?
    let isShuffled: Bool

    /// The lists of a net's phase; nil where it reads none.
    package init?(_ definition: PhaseNet, name: String? = nil, options: RunOptions) throws {
        let layers = definition.dataLayers.filter { $0.type == "ImageData" }
        guard !layers.isEmpty, layers.count == definition.dataLayers.count else { return nil }
        self.name = name ?? definition.phase.rawValue
        isTraining = definition.phase == .train
        list = try PhaseInput.list(of: definition, options: options)
        columns = try layers.enumerated().map { try ImageColumn($1, list: $0, of: definition, seed: 1) }
        isContrastive = definition.net.layer.contains { PairLosses.ofBothKinds.contains($0.type) }
        isShuffled = layers.contains { $0.imageDataParam.shuffle }
    }

    /// What must be the same on all ranks, since each inspects the images of its numbers.
    package var fact: Fact {
        Fact(
            "the \(name) lists", "\(list.count) pairs of \(list.columns) lists, \(String(list.fingerprint, radix: 16))",
            advice: "Copy one host's lists to all (deploy/sync HOSTFILE --data FOLDER), or share their folder.")
    }

    /// Lists without a net, which are read line by line together.
    package init(_ files: [String], name: String, isTraining: Bool, rootFolder: String?) throws {
        self.name = name
        self.isTraining = isTraining
        list = try PairList(files.map { .init(file: $0, rootFolder: rootFolder ?? "") })
        (columns, isContrastive, isShuffled) = (nil, nil, true)
    }

    /// The lists of all phases of a net.
    package static func all(ofNet path: String, options: RunOptions) throws -> [CheckedLists] {
        try all(of: [try PhaseNet.load(path, phase: .train)], [try PhaseNet.load(path, phase: .test)], options)
    }

    /// The lists of all nets that a solver names.
    package static func all(ofSolver path: String, options: RunOptions) throws -> [CheckedLists] {
        let solver = try SolverDefinition(path: path)
        return try all(of: [try solver.trainNet()], try solver.testNets(), options)
    }

    private static func all(
        of training: [PhaseNet], _ tests: [PhaseNet], _ options: RunOptions
    ) throws -> [CheckedLists] {
        let names = tests.indices.map { tests.count == 1 ? "TEST" : "TEST #\($0)" }
        let found =
            try training.compactMap { try CheckedLists($0, options: options) }
            + zip(tests, names).compactMap { try CheckedLists($0, name: $1, options: options) }
        guard let net = training.first, found.isEmpty else { return found }
        throw NetError(
            "\(net.path): no phase has ImageData layers, so there are no lists to check; a database is checked by "
                + "\"twotower pack --check\"")
    }

    /// Where an image is named: "train1.txt:17".
    func place(column: Int, line: Int) -> String { list.place(column: column, index: line) }
}
