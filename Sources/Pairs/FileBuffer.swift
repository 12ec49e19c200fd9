import Foundation

/// Holds one whole file in memory at a fixed address; the room is kept for the next file.
@safe final class FileBuffer {
    struct Failure: Error {
        /// The system's number, if it said one.
        let code: Int32?
        let reason: String

        /// What the system said.
        init(code: Int32) {
            self.code = code
            reason = unsafe String(cString: strerror(code))
        }

        init(reason: String) {
            code = nil
            self.reason = reason
        }
    }

    /// The size of the file last read.
    private(set) var count = 0
    private var room: UnsafeMutableRawBufferPointer

    init() {
        unsafe room = .allocate(byteCount: 1 << 16, alignment: 16)
    }

    deinit { unsafe room.deallocate() }

    /// The file's bytes.
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: room[..<count]) }

    /// The first bytes of the file, or all.
    func prefix(_ maximum: Int = .max) -> [UInt8] { unsafe Array(bytes.prefix(maximum)) }

    /// Larger images are refused before they take memory.
    static let imageLimit = 1 << 30

    /// Reads the first of the files that exists.
    ///
    /// - Parameter limit: refuses files of more bytes, and what is no file: a pipe or a device has no end to rely on.
    func read(_ candidates: [String], limit: Int? = nil) throws(Failure) {
        var code = ENOENT
        for file in candidates {
            // Before it is opened, since opening a pipe waits for its writer.
            if limit != nil { try refuseOthersThanFiles(file) }
            let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 {
                defer { close(descriptor) }
                return try read(descriptor, limit)
            }
            code = errno
            if code != ENOENT { break }
        }
        throw Failure(code: code)
    }

    private func refuseOthersThanFiles(_ path: String) throws(Failure) {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw status.st_mode & S_IFMT == S_IFDIR ? Failure(code: EISDIR) : Failure(reason: "it is no regular file")
    }

    /// Reads to the end of the file, with one byte of room beyond its size so that the end shows.
    private func read(_ descriptor: Int32, _ limit: Int?) throws(Failure) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(code: errno) }
        if let limit, status.st_size > limit {
            throw Failure(reason: "it has \(status.st_size) bytes, where \(limit) is the most")
        }
        count = 0
        reserve(Int(status.st_size) + 1)
        while true {
            if unsafe count == room.count { reserve(2 * count) }
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...])
            let got = unsafe Foundation.read(descriptor, free.baseAddress, free.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw Failure(code: errno) }
            if got == 0 { return }
            count += got
        }
    }

    private func reserve(_ size: Int) {
        guard unsafe room.count < size else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        unsafe larger.copyMemory(from: bytes)
        unsafe room.deallocate()
        unsafe room = larger
    }
}
