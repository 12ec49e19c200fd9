import Pairs
import Tensors
import Testing

struct LRUTests {
    @Test func theLeastRecentlyUsedLeaves() {
        var cache = LRU<String, Int>(limit: 3)
        #expect(cache.keep(1, for: "a", cost: 1) == nil)
        #expect(cache.keep(2, for: "b", cost: 1) == nil)
        #expect(cache.keep(3, for: "c", cost: 1) == nil)
        #expect(cache.find("a") == 1)
        #expect(cache.keep(4, for: "d", cost: 1) == 2)
        #expect(cache.find("b") == nil)
        #expect(cache.keep(5, for: "e", cost: 2) == 1, "c and a left, a last")
        #expect([cache.find("c"), cache.find("a"), cache.find("d"), cache.find("e")] == [nil, nil, 4, 5])
        #expect(cache.cost == 3 && cache.count == 2)
    }

    @Test func whatIsTooLargeIsNotKept() {
        var cache = LRU<String, Int>(limit: 3)
        _ = cache.keep(1, for: "a", cost: 3)
        #expect(cache.keep(2, for: "b", cost: 4) == nil)
        #expect(cache.find("a") == 1)
        #expect(cache.find("b") == nil)
        #expect(cache.keep(3, for: "a", cost: 1) == nil)
        #expect(cache.find("a") == 1, "the first value stays")
    }

    /// Some thousand random operations against a plain list, newest last.
    @Test func behavesAsAPlainList() {
        let (limit, keys) = (40, 30)
        let random = Random(seed: 1, purpose: "lru")
        var cache = LRU<Int, Int>(limit: limit)
        var plain: [(key: Int, value: Int, cost: Int)] = []
        for step in 0..<20_000 {
            let draw = { (bound: Int, index: UInt64) in
                random.integer(below: bound, position: UInt64(step), index: index)
            }
            let key = draw(keys, 0)
            let place = plain.firstIndex { $0.key == key }
            if draw(2, 1) == 0 {
                #expect(cache.find(key) == place.map { plain[$0].value })
                if let place { plain.append(plain.remove(at: place)) }
            } else {
                let cost = draw(9, 2)
                var left: Int?
                if place == nil {
                    while plain.map(\.cost).reduce(cost, +) > limit { left = plain.removeFirst().value }
                    plain.append((key, step, cost))
                }
                #expect(cache.keep(step, for: key, cost: cost) == left)
            }
            #expect(cache.count == plain.count)
            #expect(cache.cost == plain.map(\.cost).reduce(0, +))
            #expect(cache.cost <= limit)
        }
    }

    /// What has left is not held any more.
    @Test func valuesThatLeftAreFreed() {
        final class Value {}
        var cache = LRU<Int, Value>(limit: 10)
        var seen: [() -> Value?] = []
        for key in 0..<1000 {
            let value = Value()
            seen.append { [weak value] in value }
            _ = cache.keep(value, for: key, cost: 1)
        }
        #expect(seen.count { $0() != nil } == 10)
    }
}
