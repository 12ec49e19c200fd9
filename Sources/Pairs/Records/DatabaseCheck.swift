import Foundation
import Tensors

/// Makes sure that liblmdb can walk a database.
///
/// liblmdb maps the file into memory and trusts it: in a file that was cut short or changed it follows page numbers and
/// offsets to anywhere, and the process ends by a signal. So each page that a walk through the records comes to is looked
/// at before, except the values' own: a page of numbers and keys for some hundred records. Databases inside of records and
/// several values for a key (MDB_DUPSORT) are refused; Caffe makes neither.
///
/// Source: liblmdb 0.9, mdb.c: MDB_page, MDB_meta, MDB_db and MDB_node on a machine of 64 bits, lowest byte first.
struct DatabaseCheck {
    private enum Sizes {
        static let pageHeader = 16
        static let nodeHeader = 8
        static let tree = 48
        /// Of liblmdb's cursors.
        static let depth = 31
    }

    private static let magic: UInt32 = 0xbeef_c0de
    /// A value with pages of its own.
    private static let bigValue: UInt16 = 1

    private let path: String
    private let file: Data
    private let pageSize: Int
    /// The newest state's last page.
    private let lastPage: UInt64

    /// - Parameter writes: whether records will be added, for which liblmdb also reads which pages are free.
    /// - Throws: `RecordError` with what is wrong with the file `data.mdb` of a folder.
    static func check(_ folder: String, writes: Bool) throws(RecordError) {
        let file: Data
        do {
            file = try Data(contentsOf: URL(filePath: folder + "/data.mdb"), options: .alwaysMapped)
        } catch {
            throw RecordError(path: folder, problem: "can't read data.mdb: \(error.localizedDescription)")
        }
        if file.isEmpty { throw RecordError(path: folder, problem: "data.mdb is empty") }
        let first = try meta(at: 0, of: file, folder)
        let second = try meta(at: first.pageSize, of: file, folder)
        guard first.pageSize == second.pageSize else { throw damaged(folder, "its two headers have other page sizes") }
        // Which one is newer liblmdb tells in two ways, by the larger number and by the even and the odd ones.
        let isSecond = second.transaction > first.transaction
        let newest = isSecond ? second : first
        guard newest.transaction & 1 == (isSecond ? 1 : 0) else {
            throw damaged(folder, "its headers have wrong numbers")
        }
        let check = DatabaseCheck(
            path: folder, file: file, pageSize: newest.pageSize, lastPage: newest.lastPage)
        try check.walk(from: newest.root) { _, _ throws(RecordError) in }
        if writes { try check.walk(from: newest.freeRoot, value: check.checkFree) }
    }

    // MARK: The header, twice: the older one is that of the last but one transaction

    private struct Meta {
        let pageSize: Int
        let root: UInt64
        /// Of the tree of lists of free pages.
        let freeRoot: UInt64
        let lastPage: UInt64
        let transaction: UInt64
    }

    private static func meta(at offset: Int, of file: Data, _ path: String) throws(RecordError) -> Meta {
        guard file.count >= offset + 512 else { throw damaged(path, "it ends inside its header") }
        let header = offset + Sizes.pageHeader
        guard file.load(at: header, as: UInt32.self) == magic, file.load(at: header + 4, as: UInt32.self) == 1 else {
            throw RecordError(path: path, problem: "data.mdb is no LMDB database, or one of another version")
        }
        let (free, main) = (header + 24, header + 24 + Sizes.tree)
        let pageSize = Int(file.load(at: free, as: UInt32.self))
        guard (512...32768).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            throw damaged(path, "its pages can't have \(pageSize) bytes")
        }
        guard file.load(at: main + 4, as: UInt16.self) == 0 else {
            throw RecordError(path: path, problem: "its keys are not plain ones with one value each, as Caffe has them")
        }
        let lastPage = file.load(at: main + Sizes.tree, as: UInt64.self)
        guard lastPage >= 1, lastPage < UInt64(Int.max / pageSize) else {
            throw damaged(path, "it can't have \(lastPage) pages")
        }
        return Meta(
            pageSize: pageSize, root: file.load(at: main + 40, as: UInt64.self),
            freeRoot: file.load(at: free + 40, as: UInt64.self), lastPage: lastPage,
            transaction: file.load(at: main + Sizes.tree + 8, as: UInt64.self))
    }

    // MARK: The tree

    /// Looks at all pages from the root down.
    ///
    /// None has two parents, so there are no more steps than pages.
    ///
    /// - Parameter value: told where each value lies in the file, and its size.
    private func walk(
        from root: UInt64, value: (_ start: Int, _ size: Int) throws(RecordError) -> Void
    ) throws(RecordError) {
        // Of an empty tree.
        if root == .max { return }
        var waiting = [(page: root, depth: 1)]
        var left = file.count / pageSize
        var leafDepth: Int?
        while let (page, depth) = waiting.popLast() {
            Activity.tick()
            left -= 1
            guard left >= 0, depth <= Sizes.depth else { throw Self.damaged(path, "its pages go round in a circle") }
            let children = try children(of: page, value)
            for child in children { waiting.append((child, depth + 1)) }
            if children.isEmpty {
                // To which liblmdb steps from one leaf to the next.
                guard leafDepth ?? depth == depth else { throw Self.damaged(path, "its tree is not even") }
                leafDepth = depth
            }
        }
    }

    /// A list of free pages: how many, and which.
    private func checkFree(_ start: Int, _ size: Int) throws(RecordError) {
        guard size >= 8, size.isMultiple(of: 8) else { throw Self.damaged(path, "its list of free pages is none") }
        let count = file.load(at: start, as: UInt64.self)
        guard count < UInt64(size / 8),
            stride(from: 1, through: Int(count), by: 1).allSatisfy({
                (2...max(2, lastPage)).contains(file.load(at: start + 8 * $0, as: UInt64.self))
            })
        else { throw Self.damaged(path, "its list of free pages is none") }
    }

    /// Where a run of pages begins in the file.
    private func offset(of page: UInt64, count: Int = 1) throws(RecordError) -> Int {
        let pages = UInt64(file.count / pageSize)
        guard page > 1, page <= lastPage, page < pages, UInt64(count) <= min(pages, lastPage + 1) - page else {
            throw Self.damaged(
                path, "page \(page) is not in the \(file.count) bytes of the file, which may have been cut short")
        }
        return Int(page) * pageSize
    }

    /// The pages that a branch leads to; none for a leaf, whose values are looked for instead.
    private func children(
        of page: UInt64, _ value: (_ start: Int, _ size: Int) throws(RecordError) -> Void
    ) throws(RecordError) -> [UInt64] {
        let start = try offset(of: page)
        let (branch, leaf): (UInt16, UInt16) = (1, 2)
        let kind = file.load(at: start + 10, as: UInt16.self)
        let lower = Int(file.load(at: start + 12, as: UInt16.self))
        let upper = Int(file.load(at: start + 14, as: UInt16.self))
        let count = (lower - Sizes.pageHeader) / 2
        guard file.load(at: start, as: UInt64.self) == page, kind == branch || kind == leaf,
            lower >= Sizes.pageHeader, lower <= upper, upper <= pageSize, count >= (kind == branch ? 2 : 1)
        else { throw Self.damaged(path, "page \(page) is no page of keys") }
        var found: [UInt64] = []
        for index in 0..<count {
            let node = Int(file.load(at: start + Sizes.pageHeader + 2 * index, as: UInt16.self))
            guard node >= upper, node + Sizes.nodeHeader <= pageSize else {
                throw Self.damaged(path, "page \(page) has an entry outside of itself")
            }
            let entry = Entry(file, at: start + node)
            let room = pageSize - node - Sizes.nodeHeader - entry.keySize
            if kind == branch {
                guard room >= 0 else { throw Self.damaged(path, "page \(page) has a key that is too long") }
                found.append(entry.child)
            } else {
                try value(try self.value(of: entry, room: room, on: page), entry.size)
            }
        }
        return found
    }

    /// Where a value lies: behind its key, or in pages of its own.
    private func value(of entry: Entry, room: Int, on page: UInt64) throws(RecordError) -> Int {
        switch entry.flags {
        case 0 where room >= entry.size: return entry.valueStart
        case Self.bigValue where room >= 8:
            let bytes = Sizes.pageHeader + entry.size
            return try offset(
                of: file.load(at: entry.valueStart, as: UInt64.self), count: (bytes + pageSize - 1) / pageSize)
                + Sizes.pageHeader
        default: throw Self.damaged(path, "page \(page) has a record that is too long, or not one of Caffe's")
        }
    }

    /// A key with its value's size, or with a page's number.
    private struct Entry {
        let size: Int
        let flags: UInt16
        let keySize: Int
        let valueStart: Int
        var child: UInt64 { UInt64(size) | UInt64(flags) << 32 }

        init(_ file: Data, at start: Int) {
            size = Int(file.load(at: start, as: UInt32.self))
            flags = file.load(at: start + 4, as: UInt16.self)
            keySize = Int(file.load(at: start + 6, as: UInt16.self))
            valueStart = start + Sizes.nodeHeader + keySize
        }
    }

    private static func damaged(_ path: String, _ problem: String) -> RecordError {
        RecordError(path: path, problem: "data.mdb is damaged: \(problem); copy it anew, or make it again")
    }
}

extension Data {
    /// A number that lies anywhere; traps outside of the data.
    fileprivate func load<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type) -> T {
        T(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }
}
