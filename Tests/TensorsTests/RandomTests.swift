import Tensors
import Testing

struct RandomTests {
    /// The known answers that Random123 publishes for Philox4x32-10 (file `kat_vectors`).
    @Test(arguments: [
        (SIMD2<UInt32>(0, 0), UInt64(0), UInt64(0), SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
        (
            SIMD2(0xffff_ffff, 0xffff_ffff), .max, .max,
            SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            SIMD2(0xa409_3822, 0x299f_31d0), 0x0370_7344_1319_8a2e, 0x85a3_08d3_243f_6a88,
            SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func bitsAreThePublishedOnes(key: SIMD2<UInt32>, position: UInt64, index: UInt64, expected: SIMD4<UInt32>) {
        #expect(Random(key: key).bits(position: position, index: index) == expected)
    }

    @Test func streamsDifferBySeedAndPurpose() {
        let bits = [
            Random(seed: 1, purpose: "a"), Random(seed: 2, purpose: "a"), Random(seed: 1, purpose: "b"),
        ].map { $0.bits(position: 0) }
        #expect(Set(bits).count == 3)
        #expect(Random(seed: 1, purpose: "a").bits(position: 0) == bits[0])
    }

    @Test func unitIsBelowOne() {
        #expect(Random.unit(0) == 0)
        #expect(Random.unit(.max) == 1 - 0x1p-24)
    }

    @Test func integersStayBelowTheBoundAndAreSpreadEvenly() {
        let random = Random(seed: 3, purpose: "integers")
        var counts = [Int](repeating: 0, count: 7)
        for position in 0..<7000 { counts[random.integer(below: 7, position: UInt64(position))] += 1 }
        // Six standard deviations of a binomial count.
        #expect(counts.allSatisfy { abs($0 - 1000) < 176 })
    }

    @Test(arguments: [0, 1, 2, 100])
    func permutationsHoldEveryNumberOnce(count: Int) {
        let order = Random(seed: 3, purpose: "order").permutation(count)
        #expect(order.sorted() == Array(0..<count))
        if count == 100 { #expect(order != order.sorted()) }
    }
}
