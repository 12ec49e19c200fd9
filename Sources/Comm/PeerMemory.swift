import CMPI
import Foundation

/// Whether processes of a host may read each other's memory (Linux's "cross memory attach").
///
/// OpenMPI moves messages over 4 KiB between ranks of a host so, in one copy instead of two through shared memory. Containers
/// often forbid it.
@safe package final class PeerMemory {
    private static let mark: UInt64 = 0x5457_4f54_4f57_4552
    private let word: UnsafeMutablePointer<UInt64>

    package init() {
        unsafe word = .allocate(capacity: 1)
        unsafe word.initialize(to: Self.mark)
    }

    deinit { unsafe word.deallocate() }

    /// Where others find the mark as long as this object lives.
    package var address: UInt64 { UInt64(UInt(bitPattern: unsafe word)) }

    /// Reads another process's mark; nil if that works, else the system's reason.
    package static func obstacle(process: Int32, address: UInt64) -> String? {
        var found: UInt64 = 0
        let got = unsafe cmpi_read_process(process, UInt(address), &found, MemoryLayout<UInt64>.size)
        if got < 0 { return unsafe String(cString: strerror(errno)) }
        return found == mark ? nil : "another process is there"
    }
}
