import Tensors
import Testing

struct FiniteTests {
    private static let broken: [Float] = [.infinity, -.infinity, .nan, .signalingNaN, -.nan]
    private static let fine: [Float] = [
        0, -0.0, 1, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]

    private static func areFinite(_ values: [Float]) -> Bool { values.span.areFinite }

    /// One broken number among many, at each end, in the middle and just before the end of a vector.
    @Test(arguments: [0, 1, 7, 63, 500, 998, 999])
    func findsOne(at index: Int) {
        for value in Self.broken {
            var values = (0..<1000).map { Self.fine[$0 % Self.fine.count] }
            #expect(Self.areFinite(values))
            values[index] = value
            #expect(!Self.areFinite(values), "\(value)")
        }
    }

    @Test func nothingIsFinite() { #expect(Self.areFinite([])) }

    /// Large enough for several threads; only the range counts.
    @Test(arguments: [1, 2, 3])
    func storagesOnThreads(threads: Int) {
        let before = Threads.count
        Threads.configure(threads)
        defer { Threads.configure(before) }
        let storage = FloatStorage(count: 300_001)
        #expect(storage.areFinite)
        storage.copy([.nan], at: 200_000)
        #expect(!storage.areFinite)
        #expect(storage.areFinite(0..<200_000))
        #expect(!storage.areFinite(200_000..<200_001))
        #expect(storage.areFinite(200_001..<300_001))
    }

    @Test func blobsNameTheirSamples() {
        let blob = Blob(name: "x", [4, 3])
        #expect(blob.brokenSamples(.data) == [])
        #expect(blob.largest(.data) == 0)
        blob.copyData(from: [1, -7, 3, .infinity, 0, 0, 2, 2, 2, 0, .nan, 0])
        #expect(blob.brokenSamples(.data) == [1, 3])
        #expect(blob.largest(.data).isNaN)
        blob.copyData(from: [1, -7, 3, 0, 0, 0, 2, 2, 2, 0, 5, 0])
        #expect(blob.largest(.data) == 7)
        blob.allocateDiff()
        blob.copyDiff(from: Array(repeating: 0, count: 9) + [.nan, 0, 0])
        #expect(blob.brokenSamples(.diff) == [3])
        let scalar = Blob(name: "loss", [], values: [.nan])
        #expect(scalar.brokenSamples(.data) == [0])
    }

    /// Two numbers lie in the place of a float, and of an odd number of them the last place is half empty.
    @Test func halvesAreNumbersToo() throws {
        let blob = Blob(name: "x")
        try blob.reshape([3, 1], layout: .plainBF16)
        func set(_ halves: [UInt32]) {
            blob.copyData(
                from: stride(from: 0, to: 4, by: 2).map { Float(bitPattern: halves[$0] | halves[$0 + 1] << 16) })
        }
        let (one, infinity) = (UInt32(0x3f80), UInt32(0x7f80))
        set([one, one, one, infinity])
        #expect(blob.brokenSamples(.data) == [], "what is not of the blob does not count")
        #expect(blob.largest(.data) == 1)
        set([infinity, one, one, one])
        #expect(blob.brokenSamples(.data) == [0])
        set([one, infinity, infinity, one])
        #expect(blob.brokenSamples(.data) == [1, 2])
    }
}
