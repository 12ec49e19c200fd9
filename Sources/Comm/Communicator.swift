/// The ranks of one training, and all that they say to each other.
///
/// Every method marked *collective* is called by **all ranks, in the same order**, each from the one thread that owns
/// the communicator at that time. Each begins with a roll call (64 bytes), and throws
/// - `PeerError` on every rank when some rank has failed inside `together`: the same value everywhere, once;
/// - `CommError` on every rank when ranks are in different collectives or pass different lengths;
/// - `CommError` on the ranks to which MPI reports an error.
///
/// An all-reduce leaves bit-identical results on all ranks, and the same results in every run with as many ranks.
package protocol Communicator: AnyObject {
    /// This rank, `0 ..< size`.
    var rank: Int { get }
    /// The number of ranks in the world.
    var size: Int { get }
    /// The host name of each rank.
    var hosts: [String] { get }
    /// This rank's place among the ranks that share memory with it (the ranks of its host), `0 ..< localSize`.
    var localRank: Int { get }
    /// How many ranks share memory with this one, itself among them.
    var localSize: Int { get }
    /// The lowest rank of this host, which names the host even where host names are alike.
    var hostLeader: Int { get }

    /// Replaces `values` by rank zero's. Collective; same length on all ranks.
    func broadcast(_ values: inout MutableSpan<Float>) throws
    /// Replaces `bytes` by rank zero's, of any length. Collective.
    func broadcast(_ bytes: inout [UInt8]) throws

    /// Replaces each value by its sum over ranks. Collective; same length on all ranks, of any size.
    func allReduceSum(_ values: inout MutableSpan<Float>) throws
    /// Replaces each value by its sum over ranks. Collective; same length on all ranks.
    func allReduceSum(_ values: inout [Double]) throws
    /// Replaces each value by its maximum over ranks. Collective; same length on all ranks.
    func allReduceMaximum(_ values: inout [Int]) throws

    /// Gives rank zero every rank's bytes, of any length, in the order of ranks, and the others nothing. Collective.
    func gather(_ bytes: [UInt8]) throws -> [[UInt8]]

    /// Returns when all ranks have called it. Collective.
    func barrier() throws

    /// Tells all ranks whether this one has failed, and why. Collective. The base of `together`: call that instead.
    ///
    /// Throws the `PeerError` of the lowest failing rank if any has.
    func agree(failure: String?) throws

    /// Leaves the world in order. Collective, and the last call.
    func leave() throws

    /// Ends all ranks at once with an exit status. Any one rank may call it. Prints nothing: the caller has said why.
    func abort(status: Int32) -> Never
}

extension Communicator {
    package var isRankZero: Bool { rank == 0 }
    package var host: String { hosts[rank] }

    /// Replaces each value by its minimum over ranks.
    ///
    /// Collective; same length on all ranks.
    package func allReduceMinimum(_ values: inout [Int]) throws {
        // The complement turns the order around, and unlike negation cannot overflow.
        for index in values.indices { values[index] = ~values[index] }
        try allReduceMaximum(&values)
        for index in values.indices { values[index] = ~values[index] }
    }

    /// Runs `body` on every rank; if it throws on any, throws the same `PeerError`, of the lowest such rank, on all.
    ///
    /// Collective. `body` may itself use collectives: a rank that throws between two of them is heard by the others at
    /// their next one, so nobody hangs. Costs one roll call when all goes well. A world of one throws the error itself.
    package func together<R>(_ body: () throws -> R) throws -> R {
        if size == 1 { return try body() }
        let result: R
        do {
            result = try body()
        } catch let error as PeerError {
            throw error  // All ranks have it already.
        } catch let error as CommError {
            throw error  // The ranks are out of step or out of reach: there is no agreeing any more.
        } catch {
            try agree(failure: "\(error)")
            preconditionFailure("agree(failure:) must throw on the rank that has failed")
        }
        try agree(failure: nil)
        return result
    }
}
