import Tensors
import Testing

struct ShapeTests {
    @Test
    func countsValues() {
        let shape: Shape = [2, 3, 5, 7]
        #expect(shape.count == 210)
        #expect(shape.axes == 4)
        #expect(shape[1] == 3)
        #expect(shape.count(from: 2) == 35)
        #expect(shape.count(from: 1, to: 3) == 15)
        #expect(shape.count(from: 4) == 1)
        #expect(([] as Shape).count == 1, "a scalar holds one value")
        #expect(([4, 0] as Shape).count == 0)
    }

    @Test
    func negativeAxesCountFromTheEnd() {
        let shape: Shape = [2, 3, 5]
        #expect([-3, -1, 0, 2].map(shape.canonicalAxis) == [0, 2, 0, 2])
        #expect([-4, 3].map(shape.canonicalAxis) == [nil, nil])
        #expect(([] as Shape).canonicalAxis(0) == nil)
    }

    @Test
    func replacingChangesOneAxis() {
        #expect(([2, 3, 5] as Shape).replacing(axis: 1, with: 9) == [2, 9, 5])
    }

    /// Caffe's old files have four axes for everything.
    @Test
    func leadingOnesDoNotCount() {
        #expect(([1, 1, 64, 10] as Shape).matchesIgnoringLeadingOnes([64, 10]))
        #expect(([1, 1, 1, 64] as Shape).matchesIgnoringLeadingOnes([64]))
        #expect(([64] as Shape).matchesIgnoringLeadingOnes([1, 64]))
        #expect(([1, 1] as Shape).matchesIgnoringLeadingOnes([]))
        #expect(!([64, 10] as Shape).matchesIgnoringLeadingOnes([10, 64]))
        #expect(!([64, 1] as Shape).matchesIgnoringLeadingOnes([64]))
    }

    @Test
    func readsAsPeopleWriteIt() {
        #expect("\([32, 96, 62, 62] as Shape)" == "32×96×62×62")
        #expect("\([] as Shape)" == "scalar")
    }
}
