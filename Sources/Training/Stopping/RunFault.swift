/// An error with where training was when it happened.
package struct RunFault: Error, CustomStringConvertible {
    package let iteration: Int
    /// "training", "test", "snapshot".
    package let phase: String
    package let cause: any Error

    /// "iteration 12 (training)".
    package var place: String { "iteration \(iteration) (\(phase))" }

    package var description: String { "\(place): \(cause)" }
}

extension Trainer {
    /// Runs `body`, and says of its errors where they happened; the innermost place counts.
    func located<R>(_ phase: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let fault as RunFault {
            throw fault
        } catch {
            throw RunFault(iteration: iteration, phase: phase, cause: error)
        }
    }
}
