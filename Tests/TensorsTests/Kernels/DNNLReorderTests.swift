import Tensors
import Testing

@Suite struct DNNLReorderTests {
    @Test(arguments: [8, 16], [[2, 3, 5, 4], [1, 16, 3, 3], [2, 40, 2, 7]])
    func copiesDataThereAndDiffsBack(_ block: Int, _ dims: [Int]) throws {
        let shape = Shape(dims)
        let blocked = Layout.blocked(block)
        let values = Reference.values(shape.count, "values")
        let gradient = Reference.values(shape.count, "gradient")
        let plain = Reference.blob(shape, data: values)
        let other = Reference.blob(shape, blocked, diff: gradient)
        other.copyData(from: .init(repeating: .nan, count: other.storageCount))
        let reorder = try DNNLReorder(shape, from: .plain, to: blocked)
        try reorder.forward(source: plain, destination: other)
        #expect(other.dataArray == Reference.stored(values, shape, blocked))
        try reorder.backward(destination: other, source: plain)
        #expect(plain.diffArray == gradient)
    }

    /// Numbers that bfloat16 holds stay as they are; others become the nearest that it holds, of two the even one.
    @Test(.enabled(if: Precision.bf16.isHere), arguments: [Layout.plain, .plainBF16, .blockedBF16(16)])
    func roundsThereAndBack(_ layout: Layout) throws {
        let shape: Shape = [2, 20, 3, 3]
        let values = Reference.bfloat16Values(shape.count, "values")
        let plain = Reference.blob(shape, data: values)
        let rounded = Reference.blob(shape, .blockedBF16(16))
        try DNNLReorder(shape, from: .plain, to: .blockedBF16(16)).forward(source: plain, destination: rounded)
        #expect(rounded.dataArray == Reference.stored(values, shape, .blockedBF16(16)))
        let other = Reference.blob(shape, layout)
        try DNNLReorder(shape, from: .blockedBF16(16), to: layout).forward(source: rounded, destination: other)
        #expect(other.dataArray == Reference.stored(values, shape, layout))
        plain.copyData(from: values.map { Float(bitPattern: $0.bitPattern | 0x7fff) })
        try DNNLReorder(shape, from: .plain, to: .blockedBF16(16)).forward(source: plain, destination: rounded)
        #expect(Reference.data(rounded) == values)
        plain.copyData(from: values.map { Float(bitPattern: $0.bitPattern | 0x8001) })
        try DNNLReorder(shape, from: .plain, to: .blockedBF16(16)).forward(source: plain, destination: rounded)
        #expect(Reference.data(rounded) == values.map { Float(bitPattern: $0.bitPattern + 0x1_0000) })
    }

    @Test func copiesDataBack() throws {
        let shape: Shape = [2, 20, 3, 3]
        let values = Reference.values(shape.count, "values")
        let blocked = Reference.blob(shape, .blocked(16), data: values)
        let plain = Reference.blob(shape, diff: values)
        let reorder = try DNNLReorder(shape, from: .blocked(16), to: .plain)
        try reorder.forward(source: blocked, destination: plain)
        #expect(plain.dataArray == values)
        try reorder.backward(destination: plain, source: blocked)
        #expect(blocked.diffArray == Reference.stored(values, shape, .blocked(16)))
    }
}
