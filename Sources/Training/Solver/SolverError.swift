/// A fault of the solver's definition, or of the files that training needs: what is wrong and what to do.
package struct SolverError: Error, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
