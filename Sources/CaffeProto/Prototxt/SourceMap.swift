/// Where the fields of a message stand in the prototxt that it was read from.
package struct SourceMap: Sendable {
    /// The `index`-th occurrence of a field, from 0.
    package struct Step: Equatable, Sendable {
        package let field: String
        package let index: Int

        package init(_ field: String, _ index: Int = 0) {
            self.field = field
            self.index = index
        }
    }

    let source: SourceText
    let root: Block

    /// The place of a field: of its value or, for a block, of its name.
    ///
    /// Where the last steps of the path are not in the file (a layer without a type) it is the place of the block
    /// that should hold them.
    package func place(of path: [Step]) -> SourcePlace {
        var block = root
        var range = 0..<0
        steps: for step in path {
            var left = step.index
            for field in block.fields where field.name == step.field {
                guard left < field.values.count else {
                    left -= field.values.count
                    continue
                }
                switch field.values[left] {
                case .block(let inner):
                    range = field.range
                    block = inner
                    continue steps
                case .scalar(let scalar): return source.place(scalar.range)
                }
            }
            break
        }
        return source.place(range)
    }

    /// The occurrences of some fields inside a block, in the order in which they were written.
    func order(of fields: Set<String>, inside path: [Step]) -> [Step] {
        var counts: [String: Int] = [:]
        return (block(at: path)?.fields ?? []).filter { fields.contains($0.name) }.flatMap { field in
            field.values.map { _ in
                defer { counts[field.name, default: 0] += 1 }
                return Step(field.name, counts[field.name, default: 0])
            }
        }
    }

    private func block(at path: [Step]) -> Block? {
        path.reduce(Optional(root)) { block, step in
            let values = block?.fields.filter { $0.name == step.field }.flatMap(\.values) ?? []
            guard values.indices.contains(step.index), case .block(let inner) = values[step.index] else { return nil }
            return inner
        }
    }
}
