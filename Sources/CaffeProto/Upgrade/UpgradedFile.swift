package import Foundation

/// A net's or solver's prototxt, or a caffemodel, of any age in today's form, ready to be written.
package struct UpgradedFile {
    private enum Content {
        case net(NetParameter)
        case solver(SolverParameter)
        case model(NetParameter)
    }

    private let content: Content
    /// A sentence for each kind of change; empty for a file in today's form.
    package let notes: [String]

    /// Reads a file, whose kind its content tells.
    ///
    /// - Throws: `PrototxtError`, `DefinitionError`, and `CaffeFileError` for a file of another kind.
    package init(_ path: String) throws {
        switch try CaffeFile.kind(ofFile: path) {
        case .prototxt where try Prototxt.isSolver(file: path):
            let (solver, notes) = try Self.solver(path)
            self.init(.solver(solver), notes)
        case .prototxt:
            let definition = try NetDefinition.read(file: path)
            self.init(.net(definition.net), definition.notes)
        case .caffemodel:
            // Whose layers are counted before they take memory.
            _ = try MessageIndex(path, as: .caffemodel, large: [2, 100])
            let (model, notes) = try Upgrade.net(MessageIndex(path, as: .caffemodel, large: []).decodeRest())
            self.init(.model(model), notes)
        case let other:
            throw CaffeFileError(path, as: .prototxt, but: other)
        }
    }

    private init(_ content: Content, _ notes: [String]) {
        self.content = content
        self.notes = notes
    }

    private static func solver(_ path: String) throws -> (SolverParameter, [String]) {
        let document = try Prototxt.document(SolverParameter.self, file: path)
        var (solver, added) = try Upgrade.solver(document.message)
        var notes = document.notes + added
        func upgraded(_ net: NetParameter, _ field: String, _ index: Int = 0) throws -> NetParameter {
            let inner = try NetDefinition(net, sources: document.sources, inside: [.init(field, index)])
            notes += inner.notes.map { "\(field): \($0)" }
            return inner.net
        }
        if solver.hasNetParam { solver.netParam = try upgraded(solver.netParam, "net_param") }
        if solver.hasTrainNetParam {
            solver.trainNetParam = try upgraded(solver.trainNetParam, "train_net_param")
        }
        for index in solver.testNetParam.indices {
            solver.testNetParam[index] = try upgraded(solver.testNetParam[index], "test_net_param", index)
        }
        return (solver, notes)
    }

    /// Writes the file: a prototxt as text, without the comments of the old one, a caffemodel in binary.
    ///
    /// - Throws: What `write` throws.
    package func write(by write: @escaping (Data) throws -> Void) throws {
        switch content {
        case .net(let net): try write(Data(Prototxt.write(net).utf8))
        case .solver(let solver): try write(Data(Prototxt.write(solver).utf8))
        case .model(let model):
            var header = model
            header.layer = []
            let writer = try CaffeModelWriter(header, write: write)
            for layer in model.layer { try writer.append(layer) }
        }
    }
}
