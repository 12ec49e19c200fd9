/// A dictionary whose values together cost no more than a limit: when room is short the least recently used leave.
package struct LRU<Key: Hashable, Value> {
    /// An entry, in a list from the most to the least recently used.
    private struct Node {
        let key: Key
        let value: Value
        let cost: Int
        var newer: Int?
        var older: Int?
    }

    private let limit: Int
    /// What all values cost together.
    package private(set) var cost = 0
    private var places: [Key: Int] = [:]
    private var nodes: [Node?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?

    package init(limit: Int) { self.limit = limit }

    package var count: Int { places.count }

    /// The value of a key, which is now the most recently used.
    package mutating func find(_ key: Key) -> Value? {
        guard let place = places[key], let node = nodes[place] else { return nil }
        unlink(node)
        link(node, at: place)
        return node.value
    }

    /// Keeps a value, unless its key has one or it alone costs more than the limit; returns one that had to leave for it.
    package mutating func keep(_ value: Value, for key: Key, cost: Int) -> Value? {
        guard places[key] == nil, cost <= limit else { return nil }
        var left: Value?
        while self.cost + cost > limit { left = dropOldest() }
        let place = free.popLast() ?? nodes.count
        if place == nodes.count { nodes.append(nil) }
        places[key] = place
        self.cost += cost
        link(Node(key: key, value: value, cost: cost), at: place)
        return left
    }

    private mutating func dropOldest() -> Value? {
        guard let oldest, let node = nodes[oldest] else { preconditionFailure("values that nobody holds cost \(cost)") }
        unlink(node)
        nodes[oldest] = nil
        places[node.key] = nil
        free.append(oldest)
        cost -= node.cost
        return node.value
    }

    /// Puts a node in front of the list.
    private mutating func link(_ node: Node, at place: Int) {
        var node = node
        (node.newer, node.older) = (nil, newest)
        if let newest { nodes[newest]?.newer = place } else { oldest = place }
        nodes[place] = node
        newest = place
    }

    private mutating func unlink(_ node: Node) {
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
    }
}
