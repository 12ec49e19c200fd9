import Foundation

/// Whether a host is there at all, whatever its processes do: its system answers a knock at a closed door, too.
@safe package final class HostProbe {
    private let descriptor: Int32
    private var known: Bool?

    /// Knocks (TCP, at the number of the UDP port of a process there, where mostly nobody listens); waits for nothing.
    package init(_ address: DatagramSocket.Address) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        let status = unsafe address.withSystemAddress { [descriptor] to, length in
            unsafe connect(descriptor, to, length)
        }
        if status == 0 || errno == ECONNREFUSED { known = true }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether it has answered by now.
    package var answered: Bool {
        if let known { return known }
        var (error, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        var events = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard descriptor >= 0, unsafe poll(&events, 1, 0) == 1,
            unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0
        else { return false }
        known = error == 0 || error == ECONNREFUSED
        return known ?? false
    }
}
