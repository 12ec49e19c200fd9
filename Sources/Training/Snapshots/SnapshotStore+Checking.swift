import CaffeProto
import Foundation
import Tensors

extension SnapshotStore {
    /// What is wrong with a snapshot, in a sentence that names the file; nil for a whole one.
    ///
    /// Reads every byte of both files. A snapshot of Caffe's own has no seal: there, the structure alone is looked at.
    package static func damage(of path: String) -> String? {
        do {
            if let seal = try SnapshotSeal.read(atEndOf: path) {
                if let damage = try damage(of: path, seal.state, seal: SnapshotSeal.length) { return damage }
                return try damage(of: modelPath(of: path), seal.model)
            }
            let state = try SolverStateReader(path)
            guard state.header.twoTower.version < SnapshotState.sealedVersion else {
                return "\(path) does not end with its checksum: it is cut short or damaged"
            }
            _ = try CaffeModelReader(modelPath(of: path))
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// - Parameter seal: how many bytes follow those that the checksum is of.
    private static func damage(of path: String, _ content: SnapshotSeal.Content, seal: Int = 0) throws -> String? {
        let found = try Checksum(ofFile: path, butLast: seal)
        if UInt64(found.count) != content.size {
            return
                "\(path) has \(found.count + seal) bytes and should have \(content.size &+ UInt64(seal)): it is cut short, "
                + "damaged or of another snapshot"
        }
        return found.value == content.checksum
            ? nil : "\(path) is damaged or of another snapshot: its checksum is not the one that was written with it"
    }

    /// What a solverstate says, if the snapshot is whole.
    ///
    /// - Throws: `SolverError` with the newest whole snapshot of the same prefix; `CaffeFileError` for no solverstate at all.
    static func readWholeState(_ path: String) throws -> SnapshotState {
        guard let damage = damage(of: path) else { return try readState(path) }
        do {
            _ = try readState(path)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: path)
            if !isThere || (error as? CaffeFileError)?.isOfAnotherKind == true { throw error }
        }
        let whole = try prefix(of: path).flatMap { try SnapshotStore(prefix: $0).newestWhole() }
        throw SolverError(
            "\(damage); " + (whole.map { "the newest whole snapshot is \($0)" } ?? "there is no whole one beside it"))
    }

    /// Where the weights of a solverstate are: beside it, also after its folder has moved, or where it says.
    static func modelPath(of path: String) throws -> String {
        let named = try readState(path).learnedNet
        guard !named.isEmpty else { throw SolverError("\(path) names no weights: it is cut short or damaged") }
        let folder = path.pathFolder
        let beside = (folder.isEmpty ? "." : folder) + "/" + named.pathName
        for candidate in [beside, named] where FileManager.default.fileExists(atPath: candidate) { return candidate }
        throw SolverError(
            "\(path) names the weights \(named), which are neither there nor beside it; put that caffemodel beside it")
    }
}

extension CaffeFileError {
    fileprivate var isOfAnotherKind: Bool { actual != nil && actual != .empty && actual != .unknown }
}

extension Checksum {
    private static let piece = 1 << 20

    /// Of a file's bytes up to its last ones.
    init(ofFile path: String, butLast excluded: Int = 0) throws {
        self.init()
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.system("read", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileError.system("read", path) }
        var left = max(0, Int(status.st_size) - excluded)
        var buffer = [UInt8](repeating: 0, count: Self.piece)
        while left > 0 {
            let count = unsafe read(descriptor, &buffer, min(left, buffer.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError.system("read", path) }
            guard count > 0 else { return }
            add(buffer.span.extracting(0..<count))
            Activity.tick()
            left -= count
        }
    }
}
