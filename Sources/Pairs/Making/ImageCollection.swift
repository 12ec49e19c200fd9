import Tensors

/// The images that were found in folders or a table, looked at, each once.
package struct ImageCollection: Sendable {
    /// Where images come from.
    package enum Source: Equatable, Sendable {
        /// A folder that has a folder of images for each identity.
        case folder(String)
        /// Two such folders with the same names of identities: what the first tower sees, and what the second.
        case folders(String, String)
        /// A CSV or TSV file with the columns path, identity and perhaps view.
        case table(String)
    }

    /// How closely files are looked at.
    package enum Looking: Equatable, Sendable {
        /// Not at all: all that is named is an image; in folders what is called .jpg, .jpeg or .png.
        case notAtAll
        /// At the beginning of each.
        case atBeginning
        /// At all of each: pictures are the same that have the same bytes.
        case atContent
    }

    package let table: ImageTable
    package let passedOver: PassedOver
    /// What the two views are called: the folders, or the values in the table's column; empty without views.
    package let views: [String]
    /// What is known of each image's file; empty where they were not looked at.
    let facts: [FileFacts]
    let looking: Looking

    /// Finds the images.
    ///
    /// An image that comes again under its identity, as a link or a line, is taken once.
    ///
    /// - Throws: `MakingError`, above all where one file is named under two identities or as both views of one.
    package init(
        _ source: Source, looking: Looking = .atBeginning, progress: (_ done: Int, _ count: Int) -> Void = { _, _ in }
    ) throws(MakingError) {
        var passedOver = PassedOver()
        let found = try Self.rows(source, looking, &passedOver)
        let all = ImageTable(found.rows, hasViews: !found.views.isEmpty)
        var isKept = [Bool](repeating: true, count: all.imageCount)
        var facts: [FileFacts] = []
        if looking == .notAtAll {
            if case .table = source {} else { isKept = Self.areNamedAsImages(all, &passedOver) }
            var paths = FolderPaths(from: "/")
            try Self.dropRepeats(all, .file, &isKept, &passedOver) { paths.path(of: all.pathBytes($0)) }
        } else {
            facts = FileFacts.of(count: all.imageCount, withContent: looking == .atContent) {
                all.path($0)
            } progress: {
                progress($0, all.imageCount)
            }
            isKept = try Self.areImages(all, facts, &passedOver)
            try Self.dropRepeats(all, .file, &isKept, &passedOver) { facts[$0].file }
            try Self.dropRepeats(all, .content, &isKept, &passedOver) { facts[$0].content }
        }
        table = isKept.contains(false) ? all.keeping(isKept) : all
        guard table.imageCount > 0 else { throw .noImages(source: all.source) }
        self.facts = facts.indices.filter { isKept[$0] }.map { facts[$0] }
        (self.passedOver, views, self.looking) = (passedOver, found.views, looking)
    }
}
