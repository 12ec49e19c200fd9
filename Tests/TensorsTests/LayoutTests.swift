import Tensors
import Testing

struct LayoutTests {
    @Test
    func blockedPadsTheChannels() {
        #expect(Layout.plain.storageCount(of: [2, 3, 5, 7]) == 210)
        #expect(Layout.blocked(8).storageCount(of: [2, 3, 5, 7]) == 2 * 8 * 5 * 7)
        #expect(Layout.blocked(8).storageCount(of: [2, 8, 5, 7]) == 2 * 8 * 5 * 7)
        #expect(Layout.blocked(16).storageCount(of: [1, 17, 1, 1]) == 32)
    }

    @Test
    func bfloat16TakesHalfTheRoom() {
        #expect(Layout.plainBF16.storageCount(of: [2, 3, 5, 7]) == 105)
        #expect(Layout.plainBF16.storageCount(of: [3, 3]) == 5)
        #expect(Layout.blockedBF16(16).storageCount(of: [1, 17, 1, 1]) == 16)
    }

    @Test(arguments: [Layout.plain, .blocked(8), .blocked(16)])
    func precisionAndOrderAreIndependent(layout: Layout) {
        let rounded = layout.of(.bf16)
        #expect(layout.precision == .float32 && rounded.precision == .bf16)
        #expect(rounded != layout)
        #expect(rounded.of(.float32) == layout && rounded.of(.bf16) == rounded && layout.of(.float32) == layout)
        #expect(rounded.pads([1, 17, 1, 1]) == layout.pads([1, 17, 1, 1]))
        #expect(!rounded.pads([1, 16, 3, 3]))
    }

    @Test
    func readsAsPeopleWriteIt() {
        #expect("\(Layout.plain)" == "plain")
        #expect("\(Layout.blocked(16))" == "blocked 16")
        #expect("\(Layout.blockedBF16(16))" == "blocked 16 bf16")
    }
}
