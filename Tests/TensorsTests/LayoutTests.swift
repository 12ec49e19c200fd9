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
    func readsAsPeopleWriteIt() {
        #expect("\(Layout.plain)" == "plain")
        #expect("\(Layout.blocked(16))" == "blocked 16")
    }
}
