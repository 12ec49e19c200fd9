internal import CLMDB
import Foundation

/// What can be wrong with a database.
package struct RecordError: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String { "the database \(path): \(problem)" }
}

/// An LMDB environment: Caffe's kind of database, a folder with data.mdb in it.
@safe final class LMDB {
    let path: String
    private let environment: OpaquePointer

    /// Opened for reading only, nothing is locked: any number of ranks may read, from a file system that can't lock or
    /// be written, and `twotower pack` writes nothing to a database that is complete.
    ///
    /// What is there already is looked through first (`DatabaseCheck`).
    ///
    /// - Parameter mapSize: the most that it may grow to, in bytes; nil opens it for reading only.
    init(_ path: String, mapSize: Int? = nil) throws(RecordError) {
        self.path = path
        if mapSize == nil || Self.isBegun(path) { try DatabaseCheck.check(path, writes: mapSize != nil) }
        var made: OpaquePointer?
        try Self.check(unsafe mdb_env_create(&made), path, "open it")
        guard let made = unsafe made else { preconditionFailure("an LMDB environment that is none") }
        unsafe environment = made
        if let mapSize { try check(unsafe mdb_env_set_mapsize(made, mapSize), "reserve \(mapSize) bytes") }
        let flags = UInt32(MDB_NOTLS) | (mapSize == nil ? UInt32(MDB_RDONLY | MDB_NOLOCK) : 0)
        try check(unsafe mdb_env_open(made, path, flags, 0o644), "open it")
    }

    deinit { unsafe mdb_env_close(environment) }

    /// Whether liblmdb would go on with a file and not make one.
    private static func isBegun(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/data.mdb")
        return (attributes?[.size] as? Int ?? 0) > 0
    }

    func check(_ status: Int32, _ action: String) throws(RecordError) { try Self.check(status, path, action) }

    private static func check(_ status: Int32, _ path: String, _ action: String) throws(RecordError) {
        if status == MDB_SUCCESS { return }
        throw RecordError(path: path, problem: "can't \(action): \(unsafe String(cString: mdb_strerror(status)))")
    }

    /// A transaction and the one table that Caffe's databases have.
    @safe final class Transaction {
        let database: LMDB
        private let pointer: OpaquePointer
        private let table: MDB_dbi
        private var isOver = false

        init(_ database: LMDB, writes: Bool) throws(RecordError) {
            self.database = database
            var begun: OpaquePointer?
            let flags = writes ? 0 : UInt32(MDB_RDONLY)
            try database.check(unsafe mdb_txn_begin(database.environment, nil, flags, &begun), "begin a transaction")
            guard let begun = unsafe begun else { preconditionFailure("a transaction that is none") }
            unsafe pointer = begun
            var opened = MDB_dbi()
            let status = unsafe mdb_dbi_open(begun, nil, 0, &opened)
            table = opened
            try database.check(status, "open its table")
        }

        deinit { if !isOver { unsafe mdb_txn_abort(pointer) } }

        /// Adds a record whose key is greater than all others.
        func append(key: [UInt8], _ record: [UInt8]) throws(RecordError) {
            var (key, record) = (key, record)
            let status = unsafe key.withUnsafeMutableBytes { key in
                unsafe record.withUnsafeMutableBytes { record in
                    var name = unsafe MDB_val(mv_size: key.count, mv_data: key.baseAddress)
                    var value = unsafe MDB_val(mv_size: record.count, mv_data: record.baseAddress)
                    return unsafe mdb_put(pointer, table, &name, &value, UInt32(MDB_APPEND))
                }
            }
            try database.check(status, "write a record")
        }

        /// Makes what was written lasting.
        func commit() throws(RecordError) {
            isOver = true
            try database.check(unsafe mdb_txn_commit(pointer), "commit")
        }

        /// The record with the greatest key, or nil when there is none.
        func lastKey() throws(RecordError) -> [UInt8]? {
            var last: [UInt8]?
            try unsafe walk(from: MDB_LAST, then: MDB_PREV) { key, _ in
                last = unsafe Array(key)
                return false
            }
            return last
        }

        /// Calls `body` with each record in the order of the keys; keys and values stay where they are as long as the
        /// transaction lasts.
        func forEach(
            _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
        ) throws(RecordError) {
            try unsafe walk(from: MDB_FIRST, then: MDB_NEXT) { key, value in
                unsafe body(key, value)
                return true
            }
        }

        private func walk(
            from first: MDB_cursor_op, then next: MDB_cursor_op,
            _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
        ) throws(RecordError) {
            var opened: OpaquePointer?
            try database.check(unsafe mdb_cursor_open(pointer, table, &opened), "read it")
            guard let cursor = unsafe opened else { preconditionFailure("a cursor that is none") }
            defer { unsafe mdb_cursor_close(cursor) }
            var (key, value) = unsafe (MDB_val(), MDB_val())
            var status = unsafe mdb_cursor_get(cursor, &key, &value, first)
            while status == MDB_SUCCESS {
                let goesOn = unsafe body(
                    UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size),
                    UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
                guard goesOn else { return }
                status = unsafe mdb_cursor_get(cursor, &key, &value, next)
            }
            if status != MDB_NOTFOUND { try database.check(status, "read it") }
        }
    }
}
