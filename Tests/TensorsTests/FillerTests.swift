import Tensors
import Testing

struct FillerTests {
    private static let random = Random(seed: 7, purpose: "filler test")

    private static func values(_ filler: Filler, _ shape: Shape, _ random: Random = random) -> [Float] {
        let storage = FloatStorage(count: shape.count)
        filler.fill(storage, shape: shape, random: random)
        return storage.array(0..<shape.count)
    }

    private static func mean(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }

    private static func deviation(_ values: [Float]) -> Double {
        let mean = mean(values)
        return (values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)).squareRoot()
    }

    @Test
    func constantIsConstant() {
        #expect(Self.values(.constant(0.25), [3, 2]) == Array(repeating: 0.25, count: 6))
    }

    /// Limits: five standard errors of 60,000 draws.
    @Test
    func uniformFillsItsInterval() {
        let values = Self.values(.uniform(min: -1, max: 3), [200, 300])
        #expect(values.allSatisfy { -1 <= $0 && $0 < 3 })
        #expect(abs(Self.mean(values) - 1) < 0.024)
        #expect(abs(Self.deviation(values) - 4 / 12.0.squareRoot()) < 0.012)
    }

    @Test
    func gaussianHasItsMeanAndDeviation() {
        let values = Self.values(.gaussian(mean: 2, std: 0.5, sparse: nil), [200, 300])
        #expect(abs(Self.mean(values) - 2) < 0.011)
        #expect(abs(Self.deviation(values) - 0.5) < 0.008)
        // 2.3 % of a normal distribution are beyond two deviations on each side.
        let beyond = Double(values.count { $0 > 3 }) / Double(values.count)
        #expect(abs(beyond - 0.02275) < 0.0031)
    }

    /// About that many weights of each output are left.
    @Test
    func sparseLeavesSome() {
        let values = Self.values(.gaussian(mean: 0, std: 1, sparse: 20), [200, 300])
        let kept = Double(values.count { $0 != 0 }) / Double(values.count)
        #expect(abs(kept - 20.0 / 200) < 0.0062)
    }

    /// Of 200 × 12 × 5 × 5: an output sees 300 numbers (fan in), an input reaches 5000 (fan out), the mean is 2650.
    @Test(arguments: [(Filler.VarianceNorm.fanIn, 300.0), (.fanOut, 5000.0), (.average, 2650.0)])
    func xavierAndMSRAScaleByTheFan(norm: Filler.VarianceNorm, fan: Double) {
        let shape: Shape = [200, 12, 5, 5]
        let xavier = Self.values(.xavier(norm), shape).map { abs(Double($0)) }
        let bound = (3 / fan).squareRoot()
        #expect(xavier.allSatisfy { $0 <= bound * 1.000001 })
        #expect((xavier.max() ?? 0) > 0.999 * bound)
        let msra = Self.values(.msra(norm), shape)
        #expect(abs(Self.deviation(msra) / (2 / fan).squareRoot() - 1) < 0.015)
    }

    /// The same stream gives the same numbers, whatever the number of threads; another gives others.
    @Test
    func theStreamDecides() {
        for filler in [Filler.uniform(min: 0, max: 1), .gaussian(mean: 0, std: 1, sparse: nil)] {
            let shape: Shape = [517, 333]
            let values = Self.values(filler, shape)
            #expect(Self.values(filler, shape) == values)
            #expect(Self.values(filler, shape, Random(seed: 8, purpose: "filler test")) != values)
            // The first numbers do not depend on how many there are.
            #expect(Self.values(filler, [7]) == Array(values.prefix(7)))
            #expect(Set(values.prefix(1000)).count > 990)
        }
    }
}
