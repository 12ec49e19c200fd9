import Foundation
import Tensors

/// The pairs of a phase: one or more list files read together, line i with line i.
///
/// A line is `path label`, split at the last space or tab, so a path may hold spaces; the label is a number and is the
/// same in all lists. Lines may end in CRLF, blank lines at the end are passed over, and anything else that is no such
/// line is an error. Millions of lines are held as bytes, not as strings.
package struct PairList: Sendable {
    /// One list file as an ImageData layer names it.
    package struct Source: Sendable {
        package let file: String
        /// Put before each path as it is, without a slash (Caffe's `root_folder`).
        package let rootFolder: String

        package init(file: String, rootFolder: String = "") {
            self.file = file
            self.rootFolder = rootFolder
        }
    }

    package let sources: [Source]
    /// How relative paths of lists and images are looked up.
    package let search: PathSearch
    /// The label of each pair.
    package let labels: [Float]
    /// Whether the lists have labels; those of others are 0.
    package let isLabelled: Bool
    /// A hash of all paths and labels in their order, the same on every machine and wherever the lists lie.
    package let fingerprint: UInt64
    let paths: [PackedStrings]

    /// Reads the lists; relative paths begin at the working directory, else at `baseDirectory`.
    ///
    /// - Parameter labelsAreOptional: whether lists may have paths only.
    package init(
        _ sources: [Source], baseDirectory: String? = nil, labelsAreOptional: Bool = false
    ) throws(PairListError) {
        precondition(!sources.isEmpty, "a phase without a list")
        self.sources = sources
        search = PathSearch(baseDirectory: baseDirectory)
        var lists: [ListFile] = []
        for source in sources {
            lists.append(try ListFile(source.file, search: search, labelsAreOptional: labelsAreOptional))
        }
        for (list, file) in zip(lists, sources).dropFirst() {
            try Self.check(list, file.file, against: lists[0], sources[0].file)
        }
        labels = lists[0].labels
        isLabelled = lists[0].isLabelled
        paths = lists.map(\.paths)
        fingerprint = Self.hash(lists)
    }

    /// How many pairs there are; at least one.
    package var count: Int { labels.count }

    /// How many images a pair has: the number of lists.
    package var columns: Int { sources.count }

    /// The path of an image as its list gives it, root folder included (not yet looked up).
    package func path(column: Int, index: Int) -> String {
        sources[column].rootFolder + String(decoding: paths[column][index], as: UTF8.self)
    }

    /// "train1.txt:17", where the pair stands in a list.
    package func place(column: Int, index: Int) -> String {
        "\(sources[column].file):\(index + 1)"
    }

    /// Compares a list's labels and length with the first list's.
    private static func check(
        _ list: ListFile, _ file: String, against first: ListFile, _ firstFile: String
    ) throws(PairListError) {
        let counts = [first.labels.count, list.labels.count]
        let common = counts[0] < counts[1] ? counts[0] : counts[1]
        if let index = (0..<common).first(where: { first.labels[$0] != list.labels[$0] }) {
            throw .labelsDiffer(
                line: index + 1, first: first.quoted(index, file: firstFile), second: list.quoted(index, file: file),
                counts: counts)
        }
        if counts[0] != counts[1] {
            let firstIsLonger = counts[0] > counts[1]
            throw .lengthsDiffer(
                line: common + 1,
                longer: firstIsLonger ? first.quoted(common, file: firstFile) : list.quoted(common, file: file),
                shorter: firstIsLonger ? file : firstFile, counts: counts)
        }
    }

    /// Over every path and label, list by list.
    private static func hash(_ lists: [ListFile]) -> UInt64 {
        var hash = Fingerprint()
        for list in lists {
            for index in list.labels.indices {
                hash.add(list.paths.bytes.span.extracting(list.paths.range(index)))
                let bits = list.labels[index].bitPattern
                for shift in [0, 8, 16, 24] as [UInt32] { hash.add(UInt64(bits >> shift & 0xff)) }
            }
        }
        return hash.value
    }
}
