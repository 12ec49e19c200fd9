/// A net in today's form, and for each of its layers the place in the prototxt that it came from.
package struct NetDefinition: Sendable {
    package let net: NetParameter
    /// A sentence for each kind of change that today's form needed.
    package let notes: [String]
    private let sources: SourceMap?
    /// For each layer the way to it in the file; nil for a layer that was made here.
    private let origins: [[SourceMap.Step]?]

    /// Reads and upgrades a net's prototxt.
    ///
    /// - Throws: `PrototxtError`, or `CaffeFileError` when the file cannot be read.
    package static func read(file path: String) throws -> NetDefinition {
        let document = try Prototxt.document(NetParameter.self, file: path)
        return try NetDefinition(document.message, sources: document.sources, notes: document.notes)
    }

    /// Upgrades a net.
    ///
    /// - Parameters:
    ///   - inside: The way to the net in its file, for one inside a solver (`net_param`).
    ///   - readingNotes: What was repaired while the file was read, which comes first.
    /// - Throws: `PrototxtError`, or `DefinitionError` when there are no sources to point at.
    package init(
        _ old: NetParameter, sources: SourceMap? = nil, inside: [SourceMap.Step] = [], notes readingNotes: [String] = []
    ) throws {
        let order = sources.map { Self.order(in: $0, inside) } ?? Upgrade.naturalOrder(old)
        do throws(DefinitionError) {
            let traced = try Upgrade.trace(old, order: order)
            self.init(
                net: traced.net, notes: readingNotes + traced.notes, sources: sources,
                origins: traced.origins.map { $0.map { inside + [Self.step(to: $0)] } })
        } catch {
            throw Self.placed(error, at: inside + (error.layer.map { [.init("layers", $0)] } ?? []), sources)
        }
    }

    /// The layers as they stand in the text.
    private static func order(in sources: SourceMap, _ inside: [SourceMap.Step]) -> [Upgrade.Origin] {
        sources.order(of: ["layer", "layers"], inside: inside)
            .map { $0.field == "layer" ? .new($0.index) : .old($0.index) }
    }

    private static func step(to origin: Upgrade.Origin) -> SourceMap.Step {
        switch origin {
        case .new(let index): .init("layer", index)
        case .old(let index): .init("layers", index)
        }
    }

    private init(net: NetParameter, notes: [String], sources: SourceMap?, origins: [[SourceMap.Step]?]) {
        self.net = net
        self.notes = notes
        self.sources = sources
        self.origins = origins
    }

    /// The layers that belong to a state.
    ///
    /// - Throws: as `init`, for a layer with both `include` and `exclude`.
    package func filtered(for state: NetState) throws -> NetDefinition {
        do throws(DefinitionError) {
            let (filtered, kept) = try NetFilter.filter(net, state)
            return NetDefinition(net: filtered, notes: notes, sources: sources, origins: kept.map { origins[$0] })
        } catch {
            throw Self.placed(error, at: error.layer.flatMap { origins[$0] } ?? [], sources)
        }
    }

    /// A net made from this one, whose layers keep the places of those of their names.
    package func replacing(_ net: NetParameter) -> NetDefinition {
        let known = Dictionary(zip(self.net.layer.map(\.name), origins), uniquingKeysWith: { first, _ in first })
        return NetDefinition(
            net: net, notes: notes, sources: sources, origins: net.layer.map { known[$0.name] ?? nil })
    }

    /// The place of a layer in its file, or of a field inside it: `[.init("bottom", 1)]` for its second bottom.
    ///
    /// Nil for a net that was not read from a prototxt and for layers that the upgrade made.
    package func place(ofLayer index: Int, field: [SourceMap.Step] = []) -> SourcePlace? {
        guard let sources, let origin = origins[index] else { return nil }
        return sources.place(of: origin + field)
    }

    /// The error for a fault in a layer: with file, line and caret where the layer came from a prototxt.
    package func mistake(
        inLayer index: Int, field: [SourceMap.Step] = [], _ problem: String, expected: String, found: String,
        hint: String? = nil
    ) -> any Error {
        let subject = "layer \"\(net.layer[index].name)\""
        if let place = place(ofLayer: index, field: field) {
            return PrototxtError(
                .init(place: place, problem: "\(subject): \(problem)", expected: expected, found: found, hint: hint))
        }
        let suffix = hint.map { "; " + $0 } ?? ""
        return DefinitionError(
            layer: index, subject: subject, problem: problem, expected: expected, found: found + suffix)
    }

    private static func placed(
        _ error: DefinitionError, at path: [SourceMap.Step], _ sources: SourceMap?
    ) -> any Error {
        guard let sources else { return error }
        return PrototxtError(
            .init(
                place: sources.place(of: path), problem: "\(error.subject): \(error.problem)",
                expected: error.expected, found: error.found))
    }
}
