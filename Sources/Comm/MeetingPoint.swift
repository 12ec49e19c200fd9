import Dispatch
import Synchronization

/// What one thread brings to a collective: its roll call, and the buffers that this collective is about.
struct Parcel: Sendable {
    var roll = RollCall(.barrier, count: 0, failing: nil)
    var floats: [Float] = []
    var doubles: [Double] = []
    var ints: [Int] = []
    var bytes: [UInt8] = []
    var failure: String?
    /// Of a group that divides itself from the others.
    var meetingPoint: MeetingPoint?
}

/// Where the threads of a `ThreadCommunicator` exchange their parcels: the last to come hands all parcels to each.
final class MeetingPoint: Sendable {
    let size: Int
    private let state: Mutex<State>
    /// One per rank: raised when its mail is ready.
    private let bells: [DispatchSemaphore]

    private struct State {
        /// The parcels of the ranks that are waiting.
        var arrived: [Int: Parcel] = [:]
        /// What each waiting rank will take home; nothing when the others will never come.
        var mail: [Int: [Parcel]] = [:]
        var hasDeparture = false
    }

    init(size: Int) {
        precondition(size >= 1, "\(size) ranks")
        self.size = size
        state = Mutex(State())
        bells = (0..<size).map { _ in DispatchSemaphore(value: 0) }
    }

    /// Waits until all ranks have come, and returns their parcels by rank; nil when some rank has ended.
    func exchange(_ parcel: Parcel, of rank: Int) -> [Parcel]? {
        let mustWait = state.withLock { state in
            if state.hasDeparture { return false }
            state.arrived[rank] = parcel
            if state.arrived.count < size { return true }
            let parcels = (0..<size).compactMap { state.arrived[$0] }
            for rank in 0..<size { state.mail[rank] = parcels }
            state.arrived = [:]
            for other in bells.indices where other != rank { bells[other].signal() }
            return false
        }
        if mustWait { bells[rank].wait() }
        return state.withLock { $0.mail.removeValue(forKey: rank) }
    }

    /// Says that `rank` will not come again, so that nobody waits for it.
    func depart(_ rank: Int) {
        state.withLock { state in
            state.hasDeparture = true
            for waiting in state.arrived.keys { bells[waiting].signal() }
            state.arrived = [:]
        }
    }
}
