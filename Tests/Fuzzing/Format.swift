import CaffeProto
import Comm
import Foundation
import Logging
import Nets
import Pairs
import Tensors
import TestSupport
import Training

/// A kind of file that comes from elsewhere, with the code that reads it as training does.
enum Format: String, CaseIterable {
    case net, solver, caffemodel, solverstate, mean, list, jpeg, png, lmdb
    /// A database that `twotower pack` goes on with.
    case pack

    /// Images of more pixels are refused, and nets of more bytes: what is small beside the bound of the process.
    static let pixelLimit = 1_000_000
    static let memoryLimit = 32 << 20

    var isText: Bool { [.net, .solver, .list].contains(self) }

    /// The input's name, in the scratch folder.
    var fileName: String {
        switch self {
        case .net: "net_contrastive/input.prototxt"
        case .solver: "input.prototxt"
        case .solverstate: "input_iter_1.solverstate"
        case .caffemodel: "input_iter_1.caffemodel"
        case .mean: "input.binaryproto"
        case .list: "input.txt"
        case .jpeg, .png: "input.image"
        case .lmdb, .pack: "lmdb/data.mdb"
        }
    }

    /// What makes a damaged input right where it would be refused at once: a PNG's checksums.
    func mended(_ input: [UInt8]) -> [UInt8] { self == .png ? PNGFile.mended(input) : input }

    /// A packing of golden pairs, which takes small batches.
    static func packing(into folder: String) throws -> PairPacker {
        let list = try PairList(
            [.init(file: "train1.txt"), .init(file: "train2.txt")], baseDirectory: Golden.directory.path)
        return PairPacker(.init(list, size: .init(width: 9, height: 8), output: folder))
    }
}

/// Reads an input as training would; what is wrong with it is thrown.
struct Reading {
    let format: Format
    private let folder: ScratchDirectory
    private let input: String
    /// A net with the shapes of the snapshots, and its solver.
    private let net: Net
    private let solver: Solver
    private let column = ImageColumn(
        list: 0, size: .init(width: 24, height: 20),
        transform: ImageTransform(layer: "data", mean: .values([104]), cropSize: 16, mirrors: true))

    /// - Parameter folder: where the inputs go, with the lists and images that golden files name.
    init(_ format: Format, in folder: ScratchDirectory) throws {
        self.format = format
        self.folder = folder
        input = folder.file(format.fileName)
        net = try PhaseNet.load(Golden.path("net_contrastive/train_val.prototxt"), phase: .train)
            .netWithoutData(engine: .caffe, rank: 0, worldSize: 1)
        solver = try Solver.make(
            try SolverSettings(
                try Prototxt.read(SolverParameter.self, file: Golden.path("net_contrastive/solver.prototxt"))),
            store: net.parameters)
        for name in ["train1.txt", "train2.txt", "test1.txt", "test2.txt", "images", "preproc"] {
            try folder.link(name, to: Golden.path(name))
            try folder.link("net_contrastive/\(name)", to: Golden.path(name))
        }
        try folder.link("net_contrastive/train_val.prototxt", to: Golden.path("net_contrastive/train_val.prototxt"))
        // What a golden solverstate names.
        try folder.link("snap_iter_10.caffemodel", to: Golden.path("net_contrastive/snap_iter_10.caffemodel"))
        if format == .pack { try Format.packing(into: folder.file("lmdb")).run(limit: 1) }
    }

    func read(_ bytes: [UInt8]) throws {
        try folder.write(format.fileName, Data(bytes))
        switch format {
        case .net: try readNet()
        case .solver: try readSolver()
        case .caffemodel: _ = try net.loadWeights(from: input)
        case .solverstate:
            _ = SnapshotStore.damage(of: input)
            _ = try SnapshotStore.restore(input, into: solver, net: net)
        case .mean: _ = try BlobProto.read(file: input).floats
        case .list: try readList()
        case .jpeg, .png: try readImage()
        case .lmdb: try readRecords()
        case .pack: try Format.packing(into: folder.file("lmdb")).run(limit: 3)
        }
    }

    private var options: RunOptions {
        var options = RunOptions()
        options.memoryLimit = Format.memoryLimit
        options.decoding.pixelLimit = Format.pixelLimit
        return options
    }

    private func readNet() throws {
        for phase in [NetContext.Phase.train, .test] {
            let definition = try PhaseNet.load(input, phase: phase)
            for engine in NetContext.Engine.allCases {
                _ = try definition.netWithoutData(options: options, engine: engine, rank: 0, worldSize: 1)
            }
        }
    }

    private func readSolver() throws {
        var request = TrainingPlan.Request(solverPath: input)
        request.snapshotPrefix = folder.file("snap")
        request.snapshots.locksPrefix = false
        request.options = options
        let silent = TrainingLog(Logger(label: "fuzzing") { _ in SwiftLogNoOpLogHandler() })
        let plan = try TrainingPlan.make(request, communicator: SoloCommunicator(), log: silent)
        for iteration in [0, 1, 1000, .max] { _ = plan.settings.learningRate(at: iteration) }
    }

    private func readList() throws {
        let list = try PairList(
            [.init(file: input), .init(file: input)], baseDirectory: folder.path)
        _ = list.missingImages()
        _ = try ImagePairs(list, columns: [column])
    }

    private func readImage() throws {
        for (isFast, isColor) in [(false, true), (true, false)] {
            var decoding = DecodingOptions()
            decoding.pixelLimit = Format.pixelLimit
            decoding.isFast = isFast
            let column = ImageColumn(list: 0, size: column.size, isColor: isColor, transform: column.transform)
            let geometry = try column.geometry(first: .init(width: 1, height: 1))
            let reader = ImageReader(column, geometry, search: PathSearch(), options: decoding)
            let sample = FloatStorage(count: geometry.sample.count)
            try sample.withMutableSpan { try reader.read(input, position: 1, into: &$0) }
        }
    }

    private func readRecords() throws {
        var options = DecodingOptions()
        options.pixelLimit = Format.pixelLimit
        let file = try RecordFile(folder.file("lmdb"))
        let records = try RecordPairs([.init(file, transform: ImageTransform(layer: "data"))], options: options)
        let shape = records.sampleShapes[0]
        try shape.checkCount()
        let (reader, sample) = (records.makeReader(), FloatStorage(count: shape.count))
        for index in 0..<records.count {
            _ = try sample.withMutableSpan { try reader.read(index, column: 0, position: index, into: &$0) }
        }
    }
}
