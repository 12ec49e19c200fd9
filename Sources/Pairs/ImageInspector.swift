import Foundation
import Tensors

/// What an image file is found to be when it is decoded; small, since there may be millions.
package struct ImageFacts: Sendable, Equatable, BitwiseCopyable {
    /// How it went.
    package enum State: UInt8, Sendable, BitwiseCopyable {
        case good, missing, unreadable, notImage, damaged, tooLarge
    }

    package var state = State.good
    /// In pixels, turned the right way up; zero where it could not be decoded.
    package var width: Int32 = 0
    package var height: Int32 = 0
    /// A hash of the file's bytes, zero where they could not be read.
    package var content: UInt64 = 0
    /// The means of its pixels, grey counting for all three.
    package var blue: Float = 0
    package var green: Float = 0
    package var red: Float = 0

    package var size: ImageError.Size { .init(width: Int(width), height: Int(height)) }
}

/// One thread's way through image files that are looked at, and not trained on; its memory is kept.
package final class ImageInspector {
    private let decoder: ImageDecoder
    private let file = FileBuffer()
    private var picture = Picture()

    init(pixelLimit: Int) { decoder = ImageDecoder(pixelLimit: pixelLimit) }

    /// Reads a file and decodes all of it, in colour.
    func inspect(_ path: String, _ search: PathSearch) -> (facts: ImageFacts, fault: ImageError?) {
        var facts = ImageFacts()
        do {
            try file.read(search.candidates(path), limit: FileBuffer.imageLimit)
        } catch {
            facts.state = error.code == ENOENT ? .missing : .unreadable
            return (facts, .unreadable(file: path, reason: error.reason + search.places(path)))
        }
        let bytes = unsafe file.bytes.bindMemory(to: UInt8.self)
        facts.content = unsafe Fingerprint(of: Span(_unsafeElements: bytes)).value
        do throws(ImageError) {
            try unsafe decoder.decode(bytes, name: path, isColor: true, into: &picture)
        } catch {
            facts.state = error.state
            return (facts, error)
        }
        (facts.width, facts.height) = (Int32(picture.width), Int32(picture.height))
        (facts.blue, facts.green, facts.red) = Self.means(picture)
        return (facts, nil)
    }

    private static func means(_ picture: Picture) -> (Float, Float, Float) {
        let pixels = picture.bytes.span
        var sums = (blue: 0, green: 0, red: 0)
        for start in stride(from: 0, to: picture.dimensions.count, by: 3) {
            sums.blue += Int(pixels[start])
            sums.green += Int(pixels[start + 1])
            sums.red += Int(pixels[start + 2])
        }
        let count = Double(picture.width * picture.height)
        func mean(_ sum: Int) -> Float { Float(Double(sum) / count) }
        return (mean(sums.blue), mean(sums.green), mean(sums.red))
    }

    /// Inspects files numbered from 0, in parallel.
    ///
    /// - Parameters:
    ///   - file: the path of each, and how it is looked up.
    ///   - progress: told how many are done.
    /// - Returns: what each is, and what is wrong with those that are not good.
    package static func inspect(
        count: Int, threads: Int, pixelLimit: Int, file: @Sendable (Int) -> (path: String, search: PathSearch),
        progress: (_ done: Int) -> Void
    ) -> (facts: [ImageFacts], faults: [Int: ImageError]) {
        var all: [ImageFacts] = []
        all.reserveCapacity(count)
        var faults: [Int: ImageError] = [:]
        progress(0)
        for start in stride(from: 0, to: count, by: 1024) {
            let part = start..<min(start + 1024, count)
            for (index, found) in zip(part, inspect(part, threads, pixelLimit, file)) {
                all.append(found.facts)
                faults[index] = found.fault
            }
            progress(part.upperBound)
        }
        return (all, faults)
    }

    private static func inspect(
        _ part: Range<Int>, _ threads: Int, _ pixelLimit: Int,
        _ file: @Sendable (Int) -> (path: String, search: PathSearch)
    ) -> [(facts: ImageFacts, fault: ImageError?)] {
        do throws(LoadError) {
            return try inParallel(part, threads: threads) {
                ImageInspector(pixelLimit: pixelLimit)
            } _: { inspector, index throws(LoadError) in
                Activity.tick()
                let (path, search) = file(index)
                return inspector.inspect(path, search)
            }
        } catch {
            preconditionFailure("an inspection throws nothing: \(error)")
        }
    }
}

extension ImageError {
    /// What it makes of a file.
    fileprivate var state: ImageFacts.State {
        switch self {
        case .notImage: .notImage
        case .tooLarge: .tooLarge
        case .unreadable: .unreadable
        case .undecodable, .damaged, .wrongSize, .smallerThanCrop, .badRecord: .damaged
        }
    }
}
