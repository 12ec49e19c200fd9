import Tensors
import Testing

struct BulkFingerprintTests {
    /// Three pieces and a bit.
    private static let count = 800_003

    private static func storage() -> FloatStorage {
        let storage = FloatStorage(count: count)
        let random = Random(seed: 3, purpose: "fingerprint")
        storage.copy((0..<count).map { Random.unit(random.bits(position: UInt64($0))[0]) })
        return storage
    }

    private static func flip(_ bit: UInt32, of index: Int, in storage: FloatStorage) {
        storage.copy([Float(bitPattern: storage.array(index..<index + 1)[0].bitPattern ^ 1 << bit)], at: index)
    }

    @Test func aBitAnywhereChangesIt() {
        let storage = Self.storage()
        var seen: Set<UInt64> = [BulkFingerprint.of(storage, 0..<Self.count)]
        let places = [0, 1, 7, 8, 262_143, 262_144, 500_000, Self.count - 3, Self.count - 1]
        for place in places {
            for bit in [0, 22, 31] as [UInt32] {
                Self.flip(bit, of: place, in: storage)
                #expect(seen.insert(BulkFingerprint.of(storage, 0..<Self.count)).inserted, "bit \(bit) of \(place)")
                Self.flip(bit, of: place, in: storage)
            }
        }
        #expect(!seen.insert(BulkFingerprint.of(storage, 0..<Self.count)).inserted, "the same again for the same bits")
    }

    /// Signs, which are the highest bits of their words, must not cancel.
    @Test func twoSignsAreNotNone() {
        let storage = Self.storage()
        let before = BulkFingerprint.of(storage, 0..<Self.count)
        for distance in [1, 2, 4, 8, 16] {
            for place in [1001, 1001 + distance] { Self.flip(31, of: place, in: storage) }
            #expect(BulkFingerprint.of(storage, 0..<Self.count) != before, "\(distance) apart")
            for place in [1001, 1001 + distance] { Self.flip(31, of: place, in: storage) }
        }
    }

    @Test func orderAndLengthCount() {
        let storage = FloatStorage(count: 64)
        let zeros = (0...64).map { BulkFingerprint.of(storage, 0..<$0) }
        #expect(Set(zeros).count == 65)
        storage.copy([1, 2])
        let before = BulkFingerprint.of(storage, 0..<64)
        storage.copy([2, 1])
        #expect(BulkFingerprint.of(storage, 0..<64) != before)
    }

    @Test func threadsDoNotMatter() {
        let storage = Self.storage()
        let before = Threads.count
        defer { Threads.configure(before) }
        let hashes = [1, 2, 3].map { threads in
            Threads.configure(threads)
            return BulkFingerprint.of(storage, 5..<Self.count)
        }
        #expect(Set(hashes).count == 1)
    }
}
