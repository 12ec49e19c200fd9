/// The mean of the last losses (`average_loss` of them), as Caffe shows it; part of a snapshot.
package struct LossWindow: Equatable, Sendable {
    private let size: Int
    /// The losses of the last iterations, oldest first.
    package private(set) var recent: [Double] = []

    package init(size: Int, recent: [Double] = []) {
        precondition(size > 0, "a window of \(size)")
        self.size = size
        self.recent = recent.suffix(size)
    }

    package mutating func add(_ loss: Double) {
        if recent.count == size { recent.removeFirst() }
        recent.append(loss)
    }

    /// 0 before the first loss.
    package var mean: Double { recent.isEmpty ? 0 : recent.reduce(0, +) / Double(recent.count) }
}
