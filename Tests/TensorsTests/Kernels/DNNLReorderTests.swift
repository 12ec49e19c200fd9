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
