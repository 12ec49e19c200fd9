import Dispatch
import Synchronization

/// One piece of work on another thread, whose end somebody waits for.
final class BackgroundTask: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let fault = Mutex<(any Error)?>(nil)

    init(_ body: @escaping @Sendable () throws -> Void) {
        DispatchQueue.global().async {
            do {
                try body()
            } catch {
                self.fault.withLock { $0 = error }
            }
            self.done.signal()
        }
    }

    /// Returns when the work is done, or throws what it threw; once.
    func wait() throws {
        done.wait()
        if let fault = fault.withLock(\.self) { throw fault }
    }
}
