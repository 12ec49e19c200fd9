/// Damages files, the same way for the same seed and number.
struct Mutator {
    /// SplitMix64: a small generator is enough, and each input has one of its own.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    private let corpus: [[UInt8]]
    private let isText: Bool
    private var random: Generator

    private init(_ corpus: [[UInt8]], isText: Bool, seed: UInt64, number: Int) {
        self.corpus = corpus
        self.isText = isText
        random = Generator(state: seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(number))
    }

    /// One of the files of a corpus with one change or some.
    static func input(from corpus: [[UInt8]], isText: Bool, seed: UInt64, number: Int) -> [UInt8] {
        var mutator = Mutator(corpus, isText: isText, seed: seed, number: number)
        var bytes = mutator.corpus.randomElement(using: &mutator.random) ?? []
        repeat {
            mutator.change(&bytes)
        } while Int.random(in: 0..<3, using: &mutator.random) > 0
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
        if isText, Int.random(in: 0..<8, using: &random) > 0 { return changeText(&bytes) }
        let at = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes[at] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
        case 3: overwrite(&bytes, at)
        case 4: bytes.removeSubrange(at...)
        case 5: bytes.removeSubrange(range(at, in: bytes))
        case 6: bytes.insert(contentsOf: bytes[range(at, in: bytes)], at: at)
        default:
            guard let other = corpus.randomElement(using: &random), !other.isEmpty else { return }
            let piece = range(Int.random(in: other.indices, using: &random), in: other)
            bytes.insert(contentsOf: other[piece], at: at)
        }
    }

    /// A short run from a place on; seldom a long one.
    private mutating func range(_ at: Int, in bytes: [UInt8]) -> Range<Int> {
        let most = Int.random(in: 0..<8, using: &random) == 0 ? bytes.count : 16
        return at..<min(bytes.count, at + Int.random(in: 1...most, using: &random))
    }

    /// A number of two to eight bytes near a limit, in either order.
    private mutating func overwrite(_ bytes: inout [UInt8], _ at: Int) {
        let value: UInt64 = [0, 1, .max, .max - 1, 1 << 31, 1 << 63, 1 << 16, 1000].randomElement(using: &random) ?? 0
        let size = [2, 4, 8].randomElement(using: &random) ?? 2
        let isBigEndian = Bool.random(using: &random)
        for index in 0..<min(size, bytes.count - at) {
            bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (isBigEndian ? size - 1 - index : index)))
        }
    }

    // MARK: Text

    private static let numbers = [
        "0", "-1", "1", "2", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296",
        "18446744073709551616", "9223372036854775807", "1e39", "-1e-46", "nan", "inf", "0x7fffffff", "0.5", "true",
        "\"\"",
    ]

    /// Exchanges or drops whole words and lines, so that more than the lexer sees them.
    private mutating func changeText(_ bytes: inout [UInt8]) {
        let space = UInt8(ascii: " ")
        let isWord: (UInt8) -> Bool = { $0 > 32 }
        let words = bytes.split(omittingEmptySubsequences: true) { !isWord($0) }
        guard let word = words.randomElement(using: &random) else { return }
        let numbers = words.filter { $0.allSatisfy { (48...57).contains($0) || $0 == 46 || $0 == 45 } }
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2:
            let target = numbers.randomElement(using: &random) ?? word
            bytes.replaceSubrange(
                target.indices, with: (Self.numbers.randomElement(using: &random) ?? "0").utf8)
        case 3: bytes.removeSubrange(word.indices)
        case 4:
            let other = words.randomElement(using: &random) ?? word
            bytes.replaceSubrange(word.indices, with: Array(other))
        default:
            let line = bytes.split(separator: UInt8(ascii: "\n")).randomElement(using: &random) ?? word
            bytes.insert(contentsOf: Array(line) + [space], at: word.startIndex)
        }
    }
}
