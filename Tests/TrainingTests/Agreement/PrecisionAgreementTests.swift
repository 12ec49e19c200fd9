import Comm
import Tensors
import Testing
import Training

struct PrecisionAgreementTests {
    /// What each of as many ranks settles on, and what is said.
    private static func agree(_ wanted: Precision, isHere: [Bool]) throws -> (found: [Precision], warnings: [String]) {
        let log = RecordingLog()
        let found = try ThreadCommunicator.run(isHere.count) { communicator in
            try wanted.agreed(over: communicator, log: log.log, isHere: isHere[communicator.rank])
        }
        return (found, log.warnings)
    }

    @Test(arguments: [[true], [true, true, true]])
    func isWhatAllHave(isHere: [Bool]) throws {
        let (found, warnings) = try Self.agree(.bf16, isHere: isHere)
        #expect(found == isHere.map { _ in .bf16 })
        #expect(warnings == [])
    }

    @Test(arguments: [[false], [true, false, true], [true, true, false]])
    func oneWithoutDecidesForAll(isHere: [Bool]) throws {
        let (found, warnings) = try Self.agree(.bf16, isHere: isHere)
        #expect(found == isHere.map { _ in .float32 })
        #expect(warnings.count == 1)
        #expect(
            warnings[0].contains(
                /^--precision bf16: the processor of .+ has no bfloat16 arithmetic \(oneDNN computes with .+ there\); all/
            ))
    }

    @Test func float32NeedsNothing() throws {
        let (found, warnings) = try Self.agree(.float32, isHere: [false, false])
        #expect(found == [.float32, .float32])
        #expect(warnings == [])
    }
}
