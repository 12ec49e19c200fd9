internal import CLMDB
import Foundation

/// Databases for tests, made through LMDB itself and byte by byte: none of the code that is tested.
package enum Records {
    /// What LMDB said.
    package struct Failure: Error { package let status: Int32 }

    /// A Datum of raw pixels.
    package static func raw(_ pixels: [UInt8], channels: UInt8, height: UInt8, width: UInt8, label: UInt8 = 0)
        -> [UInt8]
    {
        [0x08, channels, 0x10, height, 0x18, width, 0x22, UInt8(pixels.count)] + pixels + [0x28, label]
    }

    /// A Datum that holds an image file.
    package static func encoded(_ file: [UInt8], label: Int) -> [UInt8] {
        var count = file.count
        var length: [UInt8] = []
        while count > 0x7f {
            length.append(UInt8(count & 0x7f) | 0x80)
            count >>= 7
        }
        return [0x22] + length + [UInt8(count)] + file + [0x28, UInt8(label), 0x38, 1]
    }

    /// Writes records under the keys 00000000, 00000001 and on, with a tail where they are to be longer.
    package static func write(_ records: [[UInt8]], keyLength: Int = 8, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var environment: OpaquePointer?
        try check(unsafe mdb_env_create(&environment))
        defer { unsafe mdb_env_close(environment) }
        try check(unsafe mdb_env_open(environment, folder, UInt32(MDB_NOSYNC), 0o644))
        var transaction: OpaquePointer?
        try check(unsafe mdb_txn_begin(environment, nil, 0, &transaction))
        var table = MDB_dbi()
        try check(unsafe mdb_dbi_open(transaction, nil, 0, &table))
        for (index, record) in records.enumerated() {
            var (key, value) = (Array(String(format: "%08d", index).utf8), record)
            key += Array(repeating: UInt8(ascii: "."), count: keyLength - key.count)
            let status = unsafe key.withUnsafeMutableBytes { key in
                unsafe value.withUnsafeMutableBytes { value in
                    var name = unsafe MDB_val(mv_size: key.count, mv_data: key.baseAddress)
                    var content = unsafe MDB_val(mv_size: value.count, mv_data: value.baseAddress)
                    return unsafe mdb_put(transaction, table, &name, &content, 0)
                }
            }
            try check(status)
        }
        try check(unsafe mdb_txn_commit(transaction))
    }

    /// All keys and records in their order.
    package static func read(_ folder: String) throws -> [(key: String, record: [UInt8])] {
        var environment: OpaquePointer?
        try check(unsafe mdb_env_create(&environment))
        defer { unsafe mdb_env_close(environment) }
        try check(unsafe mdb_env_open(environment, folder, UInt32(MDB_RDONLY), 0o644))
        var transaction: OpaquePointer?
        try check(unsafe mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction))
        defer { unsafe mdb_txn_abort(transaction) }
        var table = MDB_dbi()
        try check(unsafe mdb_dbi_open(transaction, nil, 0, &table))
        var cursor: OpaquePointer?
        try check(unsafe mdb_cursor_open(transaction, table, &cursor))
        defer { unsafe mdb_cursor_close(cursor) }
        var records: [(key: String, record: [UInt8])] = []
        var (key, value) = unsafe (MDB_val(), MDB_val())
        while unsafe mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS {
            let name = unsafe Array(UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size))
            let record = unsafe Array(UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
            records.append((String(decoding: name, as: UTF8.self), record))
        }
        return records
    }

    private static func check(_ status: Int32) throws {
        if status != MDB_SUCCESS { throw Failure(status: status) }
    }
}
