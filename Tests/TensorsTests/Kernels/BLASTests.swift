import Tensors
import Testing

@Suite struct BLASTests {
    @Test func axpyScaleAndDot() {
        let x: [Float] = [1, -2, 3]
        var y: [Float] = [10, 20, 30]
        var span = y.mutableSpan
        BLAS.axpy(2, x.span, &span)
        BLAS.scale(0.5, &span)
        #expect(y == [6, 8, 18])
        #expect(BLAS.dot(x.span, y.span) == 6 - 16 + 54)
    }

    @Test(arguments: [false, true])
    func gemv(_ transposeA: Bool) {
        let a: [Float] = [1, 2, 3, 4, 5, 6]
        let x: [Float] = transposeA ? [1, -1] : [1, 0, -1]
        var y: [Float] = transposeA ? [1, 1, 1] : [1, 1]
        var span = y.mutableSpan
        BLAS.gemv(transposeA: transposeA, m: 2, n: 3, alpha: 2, a: a.span, x: x.span, beta: 3, y: &span)
        #expect(y == (transposeA ? [-3, -3, -3] : [-1, -1]))
    }

    @Test(arguments: [0, 1, 7, 8, 65_536, 65_537, 300_000])
    func sumOfSquaresIsInDouble(_ count: Int) {
        let x = Reference.values(count, "x").map { 1 + $0 * 1e-3 }
        let expected = x.map { Double($0) * Double($0) }.reduce(0, +)
        #expect(abs(BLAS.sumOfSquares(x.span) - expected) <= 1e-12 * expected)
    }
}
