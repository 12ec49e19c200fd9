import CaffeProto
import Foundation
import Testing

/// No input may crash the reader: it reads or it throws.
struct PrototxtFuzzTests {
    /// The same numbers each run (Knuth's 64-bit linear congruential generator).
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private func outcome(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try Prototxt.read(NetParameter.self, text: String(decoding: bytes, as: UTF8.self), name: "fuzz")
            return true
        } catch {
            #expect(!error.mistakes.isEmpty)
            return false
        }
    }

    @Test func survivesDamagedFiles() throws {
        let original = Array(try Data(contentsOf: URL(filePath: GoldenFiles.path("net_shared/train_val.prototxt"))))
        let pieces = [
            "{", "}", "[", "]", "\"", "'", "\\", ":", "#", "<", ">", "-", "0x", "1e999", "\u{0}", "layer", "99",
        ]
        var dice = Dice(state: 1)
        var read = 0
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let at = Int.random(in: 0..<bytes.count, using: &dice)
                let end = min(bytes.count, at + Int.random(in: 0...12, using: &dice))
                bytes.replaceSubrange(at..<end, with: Array((pieces.randomElement(using: &dice) ?? "").utf8))
            }
            if outcome(bytes) { read += 1 }
        }
        #expect(read > 0 && read < 3000)
    }

    @Test func survivesNoise() throws {
        var dice = Dice(state: 2)
        let letters = Array("{}<>[]:;,-./\"'\\# \n\t\u{1}axlayer0123456789ef.é“".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...60, using: &dice)
            _ = outcome((0..<count).map { _ in letters.randomElement(using: &dice) ?? 0 })
        }
    }

    @Test func survivesEveryBeginningOfAFile() throws {
        let original = Array(try Data(contentsOf: URL(filePath: GoldenFiles.path("net_contrastive/solver.prototxt"))))
        for count in 0..<original.count { _ = outcome(Array(original.prefix(count))) }
    }
}
