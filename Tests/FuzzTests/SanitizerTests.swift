import Foundation
import TestSupport
import Testing

/// The C of the project under AddressSanitizer and UndefinedBehaviorSanitizer, by the compiler that Swift comes with.
@Suite(.serialized)
struct SanitizerTests {
    private let scratch: ScratchDirectory
    private static let root = Golden.directory.deletingLastPathComponent().deletingLastPathComponent()

    init() throws { scratch = try ScratchDirectory("sanitizers") }

    /// Compiles a file of `Tests/Sanitizing` with files of `Sources`; the program's path.
    private func build(
        _ file: String, with sources: [String], sanitizers: String, libraries: [String], _ more: [String] = []
    ) throws -> String {
        let program = scratch.file("program")
        let paths = ["Tests/Sanitizing/\(file)"] + sources.map { "Sources/\($0)" }
        let folders = Set(sources.map { "-ISources/\($0.prefix { $0 != "/" })/include" })
        let command = try Command.run(
            "clang",
            [
                "-g", "-O1", "-fsanitize=\(sanitizers)", "-fno-sanitize-recover=all", "-Wno-nullability-extension",
                "-o", program,
            ]
                + folders + more + paths + libraries.map { "-l\($0)" }, directory: Self.root.path)
        try #require(command.status == 0, "\(command.standardError)")
        return program
    }

    @Test
    func imagesAreReadCleanly() throws {
        let fuzzer = try build(
            "images.c", with: ["CJPEG/decode.c", "CPNG/decode.c"], sanitizers: "fuzzer,address,undefined",
            libraries: ["jpeg", "png"])
        try scratch.write(
            "corpus/color.png", Data(PNGFile.make(width: 9, height: 5, samples: Array(repeating: 7, count: 135))))
        for image in ["11_rocket_b", "15_camera_b_gray_prog", "18_grass_a", "22_moon_a_gray"] {
            try scratch.link("corpus/\(image).jpg", to: Golden.path("images/\(image).jpg"))
        }
        let runs = ProcessInfo.processInfo.environment["TWOTOWER_FUZZ"] ?? "2000"
        let command = try Command.run(
            fuzzer,
            [
                "-runs=\(runs)", "-seed=1", "-max_len=16384", "-timeout=20", "-verbosity=0", "-print_final_stats=1",
                scratch.file("corpus"),
            ],
            timeout: 3600, directory: scratch.path)
        #expect(command.status == 0, "\(command.standardError.suffix(3000))")
        #expect(
            command.standardError.contains(try Regex("number_of_executed_units: \\d{4,}")),
            "\(command.standardError.suffix(500))")
    }

    @Test
    func kernelsAreClean() throws {
        let flags = try Command.run("pkg-config", ["--cflags", "ompi-c"]).standardOutput
        let program = try build(
            "kernels.c",
            with: ["CDNNL/fma.c", "CDNNL/gemm_bf16.c", "CDNNL/op.c", "CDNNL/primitives.c", "CSIMD/sgd.c"],
            sanitizers: "address,undefined", libraries: ["dnnl", "gomp", "m"],
            ["-ISources/CMPI", "-DOMPI_SKIP_MPICXX"] + flags.split(whereSeparator: \.isWhitespace).map(String.init))
        // Of what oneDNN and OpenMP keep to the end nobody can free.
        let command = try Command.run(program, [], environment: ["ASAN_OPTIONS": "detect_leaks=0"])
        #expect(command.status == 0, "\(command.standardError.suffix(3000))")
        #expect(command.standardOutput == "clean\n")
    }
}
