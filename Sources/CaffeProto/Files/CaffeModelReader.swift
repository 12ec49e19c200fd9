/// Reads a caffemodel layer by layer, so that a large one is never held as a whole.
package struct CaffeModelReader {
    private static let newLayer = 100
    private static let oldLayer = 2

    private let index: MessageIndex
    /// Everything but the layers: the net's name and inputs.
    package let header: NetParameter

    /// Opens a file and checks its outer structure to the end, without reading a weight.
    ///
    /// - Throws: `CaffeFileError`.
    package init(_ path: String) throws(CaffeFileError) {
        index = try MessageIndex(path, as: .caffemodel, large: [Self.oldLayer, Self.newLayer])
        header = try index.decodeRest()
    }

    /// How many layers the file has, old and new.
    package var layerCount: Int { index.entries.count }

    /// One layer with its blobs, in today's form; numbered from 0 in the order of the file.
    ///
    /// - Throws: `CaffeFileError` when it is damaged.
    package func layer(_ number: Int) throws(CaffeFileError) -> LayerParameter {
        let entry = index.entries[number]
        guard entry.field == Self.oldLayer else { return try index.decode(entry) }
        let old: V1LayerParameter = try index.decode(entry)
        do throws(DefinitionError) {
            return try Upgrade.layer(old, index: number)
        } catch {
            throw CaffeFileError(index.file.path, as: .caffemodel, at: UInt64(entry.offset), error.description)
        }
    }
}
