import Comm
import Testing
import Training

struct NetworkExaminationTests {
    /// Everybody meets everybody else once, and in no round two others at once.
    @Test(arguments: 0...9)
    func aTournament(count: Int) {
        let rounds = Tournament.rounds(of: count)
        var met: Set<[Int]> = []
        for partners in rounds {
            #expect(partners.count == count)
            for (one, other) in partners.enumerated() {
                #expect(partners[other] == one)
                if one < other { #expect(met.insert([one, other]).inserted) }
            }
        }
        #expect(met.count == count * max(0, count - 1) / 2)
        #expect(rounds.count == (count < 2 ? 0 : count - 1 + count % 2))
    }

    @Test
    func ranksOfOneHostAreMeasured() throws {
        let figures = try ThreadCommunicator.run(3) { try NetworkMeasurement.run(over: $0) }
        let first = try #require(figures[0])
        #expect(figures[1] == nil)
        #expect(first.pairs.map { [$0.a, $0.b] } == [[0, 0]])
        #expect(first.pairs[0].bandwidth > 0 && first.pairs[0].latency > 0)
        #expect(first.allReduces.first?.bytes == 1024)
        #expect(first.allReduces.allSatisfy { $0.seconds > 0 })
    }

    /// Four hosts with 1 Gbit/s and 50 µs between all, but for an edit.
    private static func examine(
        claim: Double? = nil, _ edit: (NetworkFigures.Pair) -> NetworkFigures.Pair = { $0 }
    ) throws -> [Finding] {
        let pairs = (0..<4).flatMap { a in
            (a + 1..<4).map { edit(.init(a: a, b: $0, latency: 50e-6, bandwidth: 1e9 / 8)) }
        }
        let figures = NetworkFigures(
            pairs: pairs, allReduces: [],
            interfaces: Array(repeating: .init(name: "eth0", bitsPerSecond: claim), count: 4))
        return NetworkExamination.examine(try MadeUpJob.make([1, 1, 1, 1]), figures).flatMap(\.findings)
    }

    private static func slow(_ pair: NetworkFigures.Pair) -> NetworkFigures.Pair {
        .init(a: pair.a, b: pair.b, latency: pair.latency, bandwidth: 1e8 / 8)
    }

    @Test
    func equalLinksAreWell() throws {
        #expect(try Self.examine().map(\.found) == ["every pair of hosts reaches 1.00 Gbit/s each way"])
    }

    @Test
    func aSlowPairIsNamed() throws {
        let findings = try Self.examine { $0.a == 0 && $0.b == 2 ? Self.slow($0) : $0 }
        #expect(findings.count == 1)
        #expect(findings[0].found.hasPrefix("node1 and node3 reach 100 Mbit/s"))
        #expect(findings[0].found.contains("1.00 Gbit/s and 50.0 µs are usual here"))
        let late = try Self.examine {
            $0.b == 3 && $0.a == 2 ? .init(a: $0.a, b: $0.b, latency: 5e-3, bandwidth: $0.bandwidth) : $0
        }
        #expect(late.first?.found.hasPrefix("node3 and node4 reach 1.00 Gbit/s in 5.0 ms") == true)
    }

    /// A host with a bad cable is named once, not in each of its pairs.
    @Test
    func aSlowHostIsNamed() throws {
        let findings = try Self.examine { $0.a == 1 || $0.b == 1 ? Self.slow($0) : $0 }
        #expect(findings.map(\.host) == ["node2"])
        #expect(findings[0].found.hasPrefix("all its links are slow, the best with 100 Mbit/s"))
    }

    @Test
    func aLinkThatClaimsMore() throws {
        #expect(try Self.examine(claim: 1e9).complaints == [])
        let findings = try Self.examine(claim: 1e10)
        #expect(findings.count == 4)
        #expect(findings[0].found == "eth0 claims 10.00 Gbit/s and carries 1.00 Gbit/s to its best partner")
    }

    @Test
    func theBusiestInterface() throws {
        var machines: [MadeUpMachine] = []
        defer { withExtendedLifetime(machines) {} }
        func counters(_ bytes: [String: Int]) throws -> InterfaceCounters {
            var texts = ["sys/class/net/eth1/speed": "25000", "sys/class/net/eth0/speed": "-1"]
            for (name, bytes) in bytes { texts["sys/class/net/\(name)/statistics/tx_bytes"] = "\(bytes)" }
            machines.append(try MadeUpMachine(texts))
            return InterfaceCounters(machines[machines.count - 1].files)
        }
        let before = try counters(["eth0": 5_000_000, "eth1": 7, "lo": 0])
        #expect(try counters(["eth0": 5_000_001, "eth1": 9, "lo": 1 << 30]).busiest(since: before) == nil)
        let eth1 = try counters(["eth0": 6_000_000, "eth1": 2_000_000, "lo": 1 << 30]).busiest(since: before)
        #expect(eth1 == .init(name: "eth1", bitsPerSecond: 25e9))
        let eth0 = try counters(["eth0": 9_000_000, "eth1": 7, "lo": 0]).busiest(since: before)
        #expect(eth0 == .init(name: "eth0", bitsPerSecond: nil))
    }
}
