import Dispatch
import Pairs
import Synchronization
import Testing

struct PairOrderTests {
    @Test func unshuffledOrderRepeatsTheList() {
        let order = PairOrder(count: 3, seed: 1)
        #expect((0..<7).map { order.index(at: $0) } == [0, 1, 2, 0, 1, 2, 0])
    }

    @Test func eachEpochIsAnotherPermutation() {
        let order = PairOrder(count: 50, seed: 7, shuffled: true)
        let epochs = (0..<4).map { epoch in (0..<50).map { order.index(at: 50 * epoch + $0) } }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<50)) }
        #expect(Set(epochs).count == 4)
    }

    @Test func pureFunctionOfSeedAndPosition() {
        let forwards = PairOrder(count: 20, seed: 7, shuffled: true)
        let backwards = PairOrder(count: 20, seed: 7, shuffled: true)
        let there = (0..<100).map { forwards.index(at: $0) }
        let back = (0..<100).reversed().map { backwards.index(at: $0) }
        #expect(there == back.reversed())
        let other = PairOrder(count: 20, seed: 8, shuffled: true)
        #expect(there != (0..<100).map { other.index(at: $0) })
    }

    @Test func skipsSomeAtTheStart() {
        let order = PairOrder(count: 10, seed: 3, randSkip: 1000)
        #expect(order.skipped == PairOrder(count: 10, seed: 3, randSkip: 1000).skipped)
        #expect((1..<1000).contains(order.skipped))
        #expect((0..<10).map { order.index(at: $0) } == (0..<10).map { (order.skipped + $0) % 10 })
        #expect(order.epoch(at: 0) == order.skipped / 10)
        #expect(PairOrder(count: 10, seed: 3).skipped == 0)
    }

    @Test func sameFromManyThreads() {
        let order = PairOrder(count: 101, seed: 5, shuffled: true)
        let expected = (0..<1000).map { PairOrder(count: 101, seed: 5, shuffled: true).index(at: $0) }
        let differing = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 1000) { position in
            if order.index(at: position) != expected[position] { differing.add(1, ordering: .relaxed) }
        }
        #expect(differing.load(ordering: .relaxed) == 0)
    }
}
