import Foundation

/// A whole file mapped into memory for reading, as long as the object lives.
@safe final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ path: String) throws(EmbeddingError) {
        func fault(_ problem: String) -> EmbeddingError { EmbeddingError(path: path, problem: problem) }
        func systemFault() -> EmbeddingError { fault("can't read it: \(unsafe String(cString: strerror(errno)))") }
        var status = stat()
        // Before it is opened, since opening a pipe waits for its writer.
        guard unsafe stat(path, &status) == 0 else { throw systemFault() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fault("it is no regular file") }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemFault() }
        defer { close(descriptor) }
        guard unsafe fstat(descriptor, &status) == 0 else { throw systemFault() }
        let size = Int(status.st_size)
        guard size > 0 else { throw fault("it is empty") }
        let start = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else { throw systemFault() }
        unsafe bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
