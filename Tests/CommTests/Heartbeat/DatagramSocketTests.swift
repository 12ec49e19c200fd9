import Comm
import Foundation
import Testing

struct DatagramSocketTests {
    /// The first message that comes in two seconds.
    private static func receive(_ socket: DatagramSocket) -> (text: String, from: DatagramSocket.Address)? {
        for _ in 0..<200 {
            if let message = socket.receive() { return message }
            usleep(10_000)
        }
        return nil
    }

    @Test func messagesComeAndAreAnswered() throws {
        let (head, other) = (try #require(DatagramSocket()), try #require(DatagramSocket()))
        #expect(head.receive() == nil)
        other.send("塔 1", to: try #require(head.addresses.last))
        let message = try #require(Self.receive(head))
        #expect(message.text == "塔 1")
        head.send("heard", to: message.from)
        #expect(Self.receive(other)?.text == "heard")
    }

    /// Addresses travel between ranks.
    @Test func addressesSurviveTheJourney() throws {
        let addresses = try #require(DatagramSocket()).addresses
        #expect(!addresses.isEmpty)
        #expect(
            try JSONDecoder().decode([DatagramSocket.Address].self, from: JSONEncoder().encode(addresses)) == addresses)
    }

    /// A port at which nobody listens any more is no reason to fall silent, and its host still answers.
    @Test func aClosedPortIsNoFault() throws {
        var gone: DatagramSocket? = DatagramSocket()
        let address = try #require(gone?.addresses.last)
        gone = nil
        let (socket, other) = (try #require(DatagramSocket()), try #require(DatagramSocket()))
        socket.send("x", to: address)
        usleep(50_000)
        other.send("y", to: try #require(socket.addresses.last))
        #expect(Self.receive(socket)?.text == "y")
        #expect(HostProbe(address).answered)
    }
}
