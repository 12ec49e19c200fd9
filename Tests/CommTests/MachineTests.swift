import Comm
import Foundation
import Testing

@Suite struct MachineTests {
    @Test func readsTheKernelsLists() {
        #expect(Machine.processors(list: "\t0-3,8") == [0, 1, 2, 3, 8])
        #expect(Machine.processors(list: "5") == [5])
        for wrong in ["", "a", "3-1", "1-2-3", "1,-"] {
            #expect(Machine.processors(list: wrong) == nil, "\(wrong)")
        }
    }

    @Test func knowsThisMachine() {
        #expect(Machine.usableProcessors.count == ProcessInfo.processInfo.activeProcessorCount)
        #expect(!Machine.name.isEmpty)
    }
}
