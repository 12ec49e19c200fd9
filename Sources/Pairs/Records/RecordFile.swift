import Foundation
import Tensors

/// A database of Caffe's kind (LMDB), opened for reading: its records in the order of their keys.
///
/// The file is mapped into memory and records are looked at where they lie, by any number of threads: one reading
/// transaction lasts as long as the object, and nothing is written, which is why the class may be shared.
@safe package final class RecordFile: @unchecked Sendable {
    /// As the definition names it.
    package let path: String
    /// A hash of the keys, the lengths of the records, and the first and the last record.
    package let fingerprint: UInt64
    private let transaction: LMDB.Transaction
    private let keys: PackedStrings
    private let records: [UnsafeRawBufferPointer]

    /// Reads all keys, and no record but the first and the last.
    package init(_ path: String, search: PathSearch = PathSearch()) throws(RecordError) {
        func fault(_ problem: String) -> RecordError { RecordError(path: path, problem: problem) }
        guard let found = search.find(path) else { throw fault("there is no such folder\(search.places(path))") }
        guard PathSearch().find(found + "/data.mdb") != nil else {
            let isLevelDB = PathSearch().find(found + "/CURRENT") != nil
            throw fault(
                isLevelDB
                    ? "it is a LevelDB, which is not read here; convert it to LMDB"
                    : "there is no data.mdb in the folder")
        }
        let transaction = try LMDB.Transaction(try LMDB(found), writes: false)
        var keys = PackedStrings()
        var records: [UnsafeRawBufferPointer] = unsafe []
        var hash = Fingerprint()
        try unsafe transaction.forEach { key, value in
            Activity.tick()
            unsafe keys.append(key)
            unsafe records.append(value)
            unsafe hash.add(Span(_unsafeBytes: key))
            hash.add(UInt64(value.count))
        }
        guard let first = unsafe records.first, let last = unsafe records.last else { throw fault("it is empty") }
        unsafe hash.add(Span(_unsafeBytes: first))
        unsafe hash.add(Span(_unsafeBytes: last))
        self.path = path
        self.transaction = transaction
        self.keys = keys
        unsafe self.records = records
        fingerprint = hash.value
        if let manifest = try PackManifest.read(in: found), manifest.count != keys.count {
            throw fault(
                "it holds \(keys.count) of \(manifest.count) pairs: the packing was interrupted; give the same command "
                    + "again, and it goes on")
        }
    }

    /// How many records there are; at least one.
    package var count: Int { keys.count }

    /// "record 00000017".
    func name(_ index: Int) -> String { "record \(String(decoding: keys[index], as: UTF8.self))" }

    /// A record's bytes, which lie there as long as this object lives.
    func bytes(_ index: Int) -> UnsafeBufferPointer<UInt8> { unsafe records[index].bindMemory(to: UInt8.self) }

    /// Reads a record's fields.
    func datum(_ index: Int) throws(ImageError) -> Datum {
        do throws(Datum.Malformed) {
            return try unsafe Datum(Span(_unsafeElements: bytes(index)))
        } catch {
            throw .badRecord(name(index), problem: "it is no Datum: \(error.reason)")
        }
    }
}
