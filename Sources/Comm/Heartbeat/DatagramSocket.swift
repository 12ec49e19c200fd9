import Foundation

/// A UDP socket of this process, for short messages that may be lost: beside MPI, and from any thread.
///
/// MPI itself can't tell who is late, since it is the one that waits. IPv4 only.
@safe package final class DatagramSocket: Sendable {
    /// The longest message; it fits into one packet of any network.
    package static let longest = 1200

    /// Where a process listens.
    package struct Address: Hashable, Codable, Sendable {
        /// The host's number and the port, each in the network's order of bytes.
        let host: UInt32
        let port: UInt16

        init(host: UInt32, port: UInt16) {
            self.host = host
            self.port = port
        }

        fileprivate init(_ address: sockaddr_in) {
            self.init(host: address.sin_addr.s_addr, port: address.sin_port)
        }

        /// Calls `body` with the address as the system wants it.
        func withSystemAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = host
            address.sin_port = port
            return unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    private let descriptor: Int32
    private let port: UInt16

    /// Listens at a free port of this host; nil where the system gives none.
    package init?() {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        let descriptor = descriptor
        let bound = unsafe Address(host: 0, port: 0).withSystemAddress { unsafe bind(descriptor, $0, $1) }
        var (own, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        let named = unsafe withUnsafeMutablePointer(to: &own) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        port = own.sin_port
        guard bound == 0, named == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Where others may find this socket: at each of the host's interfaces, the one that only it has last.
    package var addresses: [Address] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return [] }
        defer { unsafe freeifaddrs(list) }
        var (outer, inner): ([Address], [Address]) = ([], [])
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            unsafe next = entry.ifa_next
            guard let address = unsafe entry.ifa_addr, unsafe Int32(address.pointee.sa_family) == AF_INET else {
                continue
            }
            let host = unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe $0.pointee.sin_addr.s_addr
            }
            let isInner = unsafe entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0
            if isInner {
                inner.append(Address(host: host, port: port))
            } else {
                outer.append(Address(host: host, port: port))
            }
        }
        return outer + inner
    }

    /// Sends a message, which may be lost, as may be the error.
    package func send(_ text: String, to address: Address) {
        let bytes = Array(text.utf8.prefix(Self.longest))
        _ = unsafe address.withSystemAddress { to, length in
            unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), to, length)
        }
    }

    /// The next message that has come, and from where; nil when there is none.
    package func receive() -> (text: String, from: Address)? {
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        var (sender, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        while true {
            let count = unsafe withUnsafeMutablePointer(to: &sender) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe recvfrom(descriptor, &bytes, bytes.count, 0, $0, &length)
                }
            }
            if count >= 0 { return (String(decoding: bytes.prefix(count), as: UTF8.self), Address(sender)) }
            // What an earlier message met is told here, once.
            guard [EINTR, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(errno) else { return nil }
        }
    }
}
