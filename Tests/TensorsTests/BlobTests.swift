import Tensors
import Testing

struct BlobTests {
    @Test
    func valuesLieInCaffesOrder() {
        let blob = Blob(name: "b", [2, 3], values: [1, 2, 3, 4, 5, 6])
        #expect(blob.count == 6)
        #expect(blob.withData { $0[4] } == 5)
        blob.withMutableData { $0[4] = 9 }
        #expect(blob.dataArray == [1, 2, 3, 4, 9, 6])
        #expect(blob.dataBytes.count == 24)
        #expect("\(blob)" == "b 2×3")
    }

    @Test
    func theDiffIsMadeOnDemandAndStays() {
        let blob = Blob([3])
        #expect(!blob.hasDiff)
        blob.allocateDiff()
        #expect(blob.diffArray == [0, 0, 0])
        blob.copyDiff(from: [1, 2, 3])
        blob.allocateDiff()
        #expect(blob.diffArray == [1, 2, 3])
        #expect(blob.dataArray == [0, 0, 0])
    }

    @Test
    func reshapingToAnotherSizeBeginsWithZeros() throws {
        let blob = Blob([2], values: [1, 2])
        blob.allocateDiff()
        blob.copyDiff(from: [3, 4])
        try blob.reshape([1, 2])
        #expect(blob.dataArray == [1, 2], "the same size keeps its values")
        try blob.reshape([3])
        #expect(blob.dataArray == [0, 0, 0])
        #expect(blob.diffArray == [0, 0, 0])
    }

    @Test
    func aBlockedBlobHasRoomForItsPadding() throws {
        let blob = Blob(name: "b", [1, 3, 2, 2], layout: .blocked(8))
        #expect(blob.count == 12)
        #expect(blob.storageCount == 32)
        #expect(blob.dataArray.count == 32)
        #expect("\(blob)" == "b 1×3×2×2, blocked 8")
        try blob.reshape([1, 3, 2, 2])
        #expect(blob.storageCount == 12)
    }

    @Test
    func sharedBlobsSeeEachOthersWrites() {
        let (a, b) = (Blob([2, 2]), Blob([4]))
        a.allocateDiff()
        b.shareData(of: a)
        b.shareDiff(of: a)
        b.copyData(from: [1, 2, 3, 4])
        a.copyDiff(from: [5, 6, 7, 8])
        #expect(a.dataArray == [1, 2, 3, 4])
        #expect(b.diffArray == [5, 6, 7, 8])
        #expect(b.shape == [4])
    }

    @Test
    func lieInALargerStorage() {
        let values = FloatStorage(count: 8)
        let blob = Blob(
            name: "w", [2, 2], data: FloatStorage(sliceOf: values, offset: 4, count: 4), diff: nil)
        blob.copyData(from: [1, 2, 3, 4])
        #expect(values.array(0..<8) == [0, 0, 0, 0, 1, 2, 3, 4])
        #expect(!blob.hasDiff)
    }

    @Test
    func fillersFillTheData() {
        let blob = Blob([3])
        blob.fillData(.constant(0.5), random: Random(seed: 1, purpose: "test"))
        #expect(blob.dataArray == [0.5, 0.5, 0.5])
    }
}
