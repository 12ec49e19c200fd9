import Dispatch
import Synchronization

/// Calls `body` for each index of a range, on some threads with a worker each, and gives the results in order.
///
/// Throws the error of the lowest index.
func inParallel<Worker, Value: Sendable>(
    _ range: Range<Int>, threads: Int, worker make: @Sendable () -> Worker,
    _ body: @Sendable (Worker, Int) throws(LoadError) -> Value
) throws(LoadError) -> [Value] {
    let results = Mutex([Result<Value, LoadError>?](repeating: nil, count: range.count))
    DispatchQueue.concurrentPerform(iterations: threads) { number in
        let worker = make()
        for offset in stride(from: number, to: range.count, by: threads) {
            let result: Result<Value, LoadError>
            do throws(LoadError) {
                result = .success(try body(worker, range.lowerBound + offset))
            } catch {
                result = .failure(error)
            }
            results.withLock { $0[offset] = result }
            if case .failure = result { return }
        }
    }
    var values: [Value] = []
    for result in results.withLock(\.self) {
        guard let result else { continue }  // after a failure, which is thrown below or was before
        values.append(try result.get())
    }
    return values
}
