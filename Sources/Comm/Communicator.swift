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
    ///
    /// Where several ranks run on a host, they first sum in its shared memory, and then the hosts among themselves.
    func allReduceSum(_ values: inout MutableSpan<Float>, wire: Wire) throws
    /// Replaces each value by its sum over ranks. Collective; same length on all ranks.
    func allReduceSum(_ values: inout [Double]) throws
    /// Replaces each value by its maximum over ranks. Collective; same length on all ranks.
    func allReduceMaximum(_ values: inout [Int]) throws

    /// Gives every rank the parts of all. Collective; same `counts` on all ranks.
    ///
    /// `values` is one part a rank, of `counts[rank]` floats, in the order of ranks; each rank brings its own.
    func allGather(_ values: inout MutableSpan<Float>, counts: [Int]) throws
    /// The same for rank zero only; the others keep what they have.
    func gather(_ values: inout MutableSpan<Float>, counts: [Int]) throws
    /// Replaces this rank's part by its sum over ranks, added in the order of a `BinaryTree`; what the other parts hold
    /// afterwards says nothing. Collective; same `counts` on all ranks.
    func reduceScatterSum(_ values: inout MutableSpan<Float>, counts: [Int]) throws

    /// Fills `theirs` with what `partner` has as `mine`. Collective: all ranks swap, each with one other or itself.
    func swap(_ mine: Span<Float>, _ theirs: inout MutableSpan<Float>, with partner: Int) throws
    /// A communicator of the ranks that name the same group, in their order here. Collective.
    func split(group: Int) throws -> any Communicator

    /// Gives rank zero every rank's bytes, of any length, in the order of ranks, and the others nothing. Collective.
    func gather(_ bytes: [UInt8]) throws -> [[UInt8]]

    /// Returns when all ranks have called it. Collective.
    func barrier() throws

    /// Tells all ranks whether this one has failed, and why. Collective. The base of `together`: call that instead.
    ///
    /// - Parameter notice: what this rank has to say beside; 0 where it has nothing.
    /// - Returns: the largest notice of all ranks.
    ///
    /// Throws the `PeerError` of the lowest failing rank if any has.
    func agree(failure: String?, notice: Int) throws -> Int

    /// Leaves the world in order. Collective, and the last call.
    func leave() throws

    /// Ends all ranks at once with an exit status. Any one rank may call it. Prints nothing: the caller has said why.
    func abort(status: Int32) -> Never
}

/// What an all-reduce of floats sends.
package enum Wire: String, Sendable, CaseIterable {
    case float32
    /// Half of the bytes: each value is rounded to bfloat16 (8 bits of mantissa) before it is sent, and each sum, made in
    /// float32, once more.
    case bf16
}

extension Communicator {
    package func allReduceSum(_ values: inout MutableSpan<Float>) throws {
        try allReduceSum(&values, wire: .float32)
    }

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
        var nothing = 0
        return try together(saying: &nothing, body)
    }

    /// The same, and ranks tell each other something on the way: `notice` becomes the largest of all ranks, for one.
    ///
    /// Collective. So a signal that reached one rank is known to all at the same place, at no cost.
    package func together<R>(saying notice: inout Int, _ body: () throws -> R) throws -> R {
        if size == 1 { return try body() }
        let result: R
        do {
            result = try body()
        } catch let error as PeerError {
            throw error  // All ranks have it already.
        } catch let error as CommError {
            throw error  // The ranks are out of step or out of reach: there is no agreeing any more.
        } catch {
            _ = try agree(failure: "\(error)", notice: notice)
            preconditionFailure("agree(failure:) must throw on the rank that has failed")
        }
        notice = try agree(failure: nil, notice: notice)
        return result
    }
}
