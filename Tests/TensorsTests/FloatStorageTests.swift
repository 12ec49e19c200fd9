import Foundation
import Tensors
import Testing

struct FloatStorageTests {
    /// Small ones are on the heap, large ones are pages of their own.
    static let sizes = [0, 1, 17, 1 << 19, (1 << 19) + 5]

    @Test(arguments: sizes)
    func beginsZeroAndAligned(count: Int) {
        let storage = FloatStorage(count: count)
        #expect(storage.count == count)
        #expect(storage.array(0..<count).allSatisfy { $0 == 0 })
        let address = unsafe Int(bitPattern: storage.pointer)
        #expect(address.isMultiple(of: FloatStorage.alignment))
    }

    @Test(arguments: sizes.dropFirst())
    func keepsWhatIsWritten(count: Int) {
        let storage = FloatStorage(count: count)
        storage.fill(2)
        storage.withMutableSpan { $0[count - 1] = 3 }
        #expect(storage.withSpan { $0[count - 1] } == 3)
        #expect(storage.array(0..<count - 1).allSatisfy { $0 == 2 })
    }

    @Test
    func aSliceIsTheSameMemory() {
        let whole = FloatStorage(count: 10)
        let slice = FloatStorage(sliceOf: whole, offset: 4, count: 3)
        slice.copy([1, 2, 3])
        #expect(whole.array(0..<10) == [0, 0, 0, 0, 1, 2, 3, 0, 0, 0])
        whole.fill(7)
        #expect(slice.array(0..<3) == [7, 7, 7])
    }

    /// Filling a slice leaves its neighbours alone.
    @Test
    func aSliceEndsWhereItEnds() {
        let whole = FloatStorage(count: 6)
        FloatStorage(sliceOf: whole, offset: 2, count: 2).fill(1)
        #expect(whole.array(0..<6) == [0, 0, 1, 1, 0, 0])
    }

    /// The memory lives as long as a slice or bytes of it.
    @Test(arguments: [100, 1 << 20])
    func partsKeepTheWholeAlive(count: Int) {
        func parts() -> (slice: FloatStorage, bytes: Data) {
            let whole = FloatStorage(count: count)
            whole.fill(5)
            return (FloatStorage(sliceOf: whole, offset: 1, count: 9), whole.bytes(count - 2..<count))
        }
        let (slice, bytes) = parts()
        #expect(slice.array(0..<9) == Array(repeating: 5, count: 9))
        #expect(bytes == Data([0, 0, 0xa0, 0x40, 0, 0, 0xa0, 0x40]))
    }

    @Test
    func copyPutsValuesInPlace() {
        let storage = FloatStorage(count: 5)
        storage.copy([1, 2], at: 2)
        #expect(storage.array(0..<5) == [0, 0, 1, 2, 0])
        #expect(storage.array(2..<4) == [1, 2])
    }

    @Test(arguments: [0, 5, 3_000_000])
    func aDuplicateIsApart(count: Int) {
        let storage = FloatStorage(count: count)
        storage.copy((0..<count).map { Float($0) })
        let copy = storage.duplicate()
        storage.fill(-1)
        #expect(copy.count == count)
        #expect(copy.array(0..<count) == (0..<count).map { Float($0) })
    }
}
