import Foundation

/// Writes the pairs of lists into one database in Caffe's convention for pairs: a raw Datum a pair, the channels of all
/// images stacked, under the keys 00000000, 00000001 and on.
///
/// Decodes in parallel and commits some 64 MB at a time; what was committed stays, and packing goes on after it.
package struct PairPacker {
    /// What is packed, and how.
    package struct Configuration: Sendable {
        package var list: PairList
        /// What every picture is resized to.
        package var size: ImageError.Size
        /// Three channels B, G, R an image, or grey alone.
        package var isColor: Bool
        /// The folder of the database.
        package var output: String
        /// How many threads decode, at least one.
        package var threads: Int
        /// Images of more pixels are refused.
        package var pixelLimit: Int

        package init(
            _ list: PairList, size: ImageError.Size, isColor: Bool = true, output: String, threads: Int = 1,
            pixelLimit: Int = ImageDecoder.defaultPixelLimit
        ) {
            self.list = list
            self.size = size
            self.isColor = isColor
            self.output = output
            self.threads = threads
            self.pixelLimit = pixelLimit
        }
    }

    private let configuration: Configuration
    private let manifest: PackManifest

    package init(_ configuration: Configuration) {
        let list = configuration.list
        self.configuration = configuration
        manifest = PackManifest(
            count: list.count, listFingerprint: list.fingerprint, lists: list.columns,
            channels: list.columns * (configuration.isColor ? 3 : 1), height: configuration.size.height,
            width: configuration.size.width)
    }

    /// Packs what is not packed yet.
    ///
    /// - Parameters:
    ///   - limit: stops after about so many pairs, as an interruption would.
    ///   - progress: told how many pairs are written, first how many were there already.
    /// - Throws: `RecordError`, or `LoadError` for an image; what was written before stays.
    package func run(limit: Int = .max, progress: (_ done: Int) -> Void = { _ in }) throws {
        try checkLabels()
        try begin()
        let database = try LMDB(configuration.output, mapSize: mapSize)
        let start = try LMDB.Transaction(database, writes: false).lastKey().map(Self.index(after:)) ?? 0
        var next = start
        progress(next)
        while next < manifest.count, next - start < limit {
            let batch = next..<min(next + min(batchSize, limit), manifest.count)
            let records = try inParallel(batch, threads: configuration.threads) {
                PackWorker(configuration)
            } _: { worker, index throws(LoadError) in
                try worker.record(index)
            }
            let transaction = try LMDB.Transaction(database, writes: true)
            for (index, record) in zip(batch, records) { try transaction.append(key: Self.key(index), record) }
            try transaction.commit()
            next = batch.upperBound
            progress(next)
        }
    }

    private var recordSize: Int { manifest.channels * manifest.height * manifest.width + 64 }
    private var batchSize: Int { max(configuration.threads, min(4096, (64 << 20) / recordSize)) }

    /// Room for every record in pages of its own; the file is no larger than what is in it.
    private var mapSize: Int {
        let page = 4096
        return manifest.count * ((recordSize / page + 2) * page) + (64 << 20)
    }

    /// "00000017", as Caffe's convert_imageset begins its keys.
    private static func key(_ index: Int) -> [UInt8] { Array(String(format: "%08d", index).utf8) }

    /// The pair after that of a key.
    private static func index(after key: [UInt8]) -> Int {
        min(Int(String(decoding: key, as: UTF8.self)) ?? -1, largestCount) + 1
    }

    private static let largestCount = 100_000_000

    private func fault(_ problem: String) -> RecordError { RecordError(path: configuration.output, problem: problem) }

    private func checkLabels() throws(RecordError) {
        let list = configuration.list
        guard list.count <= Self.largestCount else { throw fault("more than \(Self.largestCount) pairs have no keys") }
        guard let index = list.labels.firstIndex(where: { Int32(exactly: $0) == nil }) else { return }
        throw fault(
            "\(list.place(column: 0, index: index)): a Datum holds whole numbers as labels, found \(list.labels[index])"
        )
    }

    /// Makes the folder, or makes sure that what is in it is the beginning of the same.
    private func begin() throws {
        let folder = configuration.output
        if let found = try PackManifest.read(in: folder) {
            guard found == manifest else {
                throw fault(
                    "it was packed from other lists or with other settings; remove it, or give another --output")
            }
            return
        }
        guard !FileManager.default.fileExists(atPath: folder + "/data.mdb") else {
            throw fault("it is there already, and \"pack\" did not make it; give another --output")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try manifest.write(in: folder)
        } catch {
            throw fault("can't make it: \(error.localizedDescription)")
        }
    }
}

/// One thread's way from image files to a record; its memory is kept.
private final class PackWorker {
    private let configuration: PairPacker.Configuration
    private let decoder: ImageDecoder
    private var picture = Picture()
    private var resize: Resize
    private var pixels: [UInt8]

    init(_ configuration: PairPacker.Configuration) {
        self.configuration = configuration
        let (size, channels) = (configuration.size, configuration.isColor ? 3 : 1)
        decoder = ImageDecoder(search: configuration.list.search, pixelLimit: configuration.pixelLimit)
        resize = Resize(height: size.height, width: size.width)
        pixels = [UInt8](repeating: 0, count: configuration.list.columns * channels * size.height * size.width)
    }

    /// The Datum of a pair.
    func record(_ index: Int) throws(LoadError) -> [UInt8] {
        let list = configuration.list
        for column in 0..<list.columns {
            do throws(ImageError) {
                let path = list.path(column: column, index: index)
                try decoder.decode(path, isColor: configuration.isColor, into: &picture)
            } catch {
                throw LoadError(place: list.place(column: column, index: index), image: error, position: index)
            }
            let start = column * pixels.count / list.columns
            var target = pixels.mutableSpan
            resize.planes(of: picture, into: &target, at: start)
        }
        return Datum.record(
            pixels, channels: pixels.count / (resize.height * resize.width), height: resize.height,
            width: resize.width, label: Int(list.labels[index]))
    }
}
