/// What is looked after while a training runs.
package struct WatchOptions: Sendable {
    /// Every how many iterations ranks compare their weights; 0 for only once, before the first.
    package var verifyEvery: Int

    package init(verifyEvery: Int = usualInterval) { self.verifyEvery = verifyEvery }

    /// Often enough to lose little.
    ///
    /// Hashing the seed net's 430 MB takes 40 ms on one core of Zen 4, and a thousand steps
    /// twenty minutes.
    package static let usualInterval = 1000

    /// Whether ranks compare after so many updates.
    func isVerificationDue(at iteration: Int) -> Bool { verifyEvery > 0 && iteration.isMultiple(of: verifyEvery) }
}
