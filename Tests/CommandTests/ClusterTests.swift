import TestSupport
import Testing

extension CommandTests {
    /// Ranks on several hosts, between which there is only a network, do the same training.
    @Suite(.enabled(if: EmulatedCluster.obstacle == nil, "\(EmulatedCluster.obstacle ?? "")"))
    struct ClusterTests {
        /// Trains 20 iterations with dropout and shuffle on; the batch is 8.
        private static func training() throws -> (run: GoldenRun, arguments: [String]) {
            let run = try GoldenRun(
                "net_contrastive", editSolver: { $0 = $0.replacing("max_iter: 20", with: "max_iter: 20\ndisplay: 1") },
                editNet: GoldenRun.stir)
            return (run, ["train", "--solver", run.solver, "--snapshot-prefix", run.prefix])
        }

        private static func losses(_ run: GoldenRun) throws -> [Double] { try run.metrics().map { $0.loss ?? .nan } }

        @Test(arguments: [1, 2])
        func lossesAgreeWithOneRank(slots: Int) throws {
            let alone = try Self.training()
            try #require(try Tool.run(alone.arguments).status == 0)
            let expected = try Self.losses(alone.run)
            try #require(expected.count == 20)

            let cluster = try EmulatedCluster(hosts: 2, slots: slots, rate: "1gbit")
            let (run, arguments) = try Self.training()
            let command = try cluster.run(arguments, ranks: 2 * slots)
            try #require(command.status == 0, "\(command.standardError)")
            #expect(
                Compare.relativeMismatch("2 hosts of \(slots)", try Self.losses(run), expected, tolerance: 1e-4) == nil)
            // They really were apart.
            for host in ["node1", "node2"] {
                #expect(command.standardError.components(separatedBy: " \(host) ").count == 1 + slots)
            }
        }

        /// Where the second host is off the job ends, and says so, instead of waiting.
        @Test
        func aHostThatIsOffEndsTheJob() throws {
            let cluster = try EmulatedCluster(hosts: 2, slots: 1)
            try #require(try cluster.call(["crash", "node2"]).status == 0)
            let command = try cluster.run(["check"], ranks: 2)
            #expect(command.status != 0 && !command.hung)
            #expect(command.standardError.contains("ssh: connect to host node2 port 22"))
        }
    }
}
