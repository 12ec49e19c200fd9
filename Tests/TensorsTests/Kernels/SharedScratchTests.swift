import Tensors
import Testing

@Suite struct SharedScratchTests {
    @Test func isAsLargeAsTheMostThatIsAskedFor() {
        let scratch = SharedScratch()
        #expect(scratch.bytes == 0)
        for (bytes, expected) in [(400, 400), (100, 400), (4000, 4000), (3999, 4000)] {
            scratch.reserve(bytes: bytes)
            #expect(scratch.bytes == expected)
        }
    }
}
