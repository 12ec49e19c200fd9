import Foundation

/// Holds one whole file in memory at a fixed address; the room is kept for the next file.
@safe final class FileBuffer {
    /// What the system said.
    struct Failure: Error {
        let code: Int32
        var reason: String { unsafe String(cString: strerror(code)) }
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

    /// Reads the first of the files that exists.
    func read(_ candidates: [String]) throws(Failure) {
        var code = ENOENT
        for file in candidates {
            let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 {
                defer { close(descriptor) }
                return try read(descriptor)
            }
            code = errno
            if code != ENOENT { break }
        }
        throw Failure(code: code)
    }

    /// Reads to the end of the file, with one byte of room beyond its size so that the end shows.
    private func read(_ descriptor: Int32) throws(Failure) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(code: errno) }
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
