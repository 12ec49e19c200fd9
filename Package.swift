// swift-tools-version: 6.2
import PackageDescription

/// What generated code can keep too: imports are internal, existentials say so.
let features: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Every Swift module of ours: unsafe places are marked, warnings are errors.
let strict = features + [.strictMemorySafety(), .treatAllWarnings(as: .error)]

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "TwoTower",
    products: [.executable(name: "twotower", targets: ["twotower"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        // C, each the only door to its library.
        .systemLibrary(name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
        .systemLibrary(name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CDNNL", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
        .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
        // And loops for several processors at once.
        .target(name: "CSIMD"),

        // The house, in the order in which the data walks (generated code, in the two protos, may warn).
        .target(
            name: "CaffeProto", dependencies: [protobuf], exclude: ["caffe.proto", "generate"],
            swiftSettings: features),
        // The messages of other programs' files: ONNX models, TensorBoard's events.
        .target(
            name: "InteropProto", dependencies: [protobuf], exclude: ["onnx.proto", "event.proto", "generate"],
            swiftSettings: features),
        .target(name: "Tensors", dependencies: ["CBLAS", "CDNNL"], swiftSettings: strict),
        .target(name: "Pairs", dependencies: ["Tensors", "CJPEG", "CPNG", "CLMDB"], swiftSettings: strict),
        .target(
            name: "Nets", dependencies: ["Tensors", "CaffeProto", "InteropProto", protobuf], swiftSettings: strict),
        .target(name: "Comm", dependencies: ["CMPI"], swiftSettings: strict),
        .target(
            name: "Training", dependencies: ["Nets", "Pairs", "Comm", "CSIMD", "InteropProto", protobuf, logging],
            swiftSettings: strict),
        .target(name: "Verification", dependencies: ["Nets", "Pairs", "Comm", "Tensors"], swiftSettings: strict),
        .executableTarget(
            name: "twotower", dependencies: ["Training", "Verification", arguments, logging], swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["Nets", "CaffeProto", "Tensors", "CLMDB"], path: "Tests/TestSupport",
            swiftSettings: strict),
        // Reads damaged files in a process of its own, which may crash.
        .executableTarget(
            name: "fuzzing",
            dependencies: ["Training", "Nets", "Pairs", "Comm", "CaffeProto", "Tensors", "TestSupport"],
            path: "Tests/Fuzzing", swiftSettings: strict),
        .testTarget(name: "FuzzTests", dependencies: ["fuzzing", "TestSupport"]),
        .testTarget(name: "CaffeProtoTests", dependencies: ["CaffeProto"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
        .testTarget(name: "PairsTests", dependencies: ["Pairs", "Tensors", "CLMDB", "TestSupport"]),
        .testTarget(name: "NetsTests", dependencies: ["Nets", "CaffeProto", "InteropProto", "Tensors", "TestSupport"]),
        .testTarget(name: "CommTests", dependencies: ["Comm"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Training", "Nets", "Pairs", "Comm", "CaffeProto", "Tensors", "TestSupport", logging]),
        .testTarget(
            name: "VerificationTests", dependencies: ["Verification", "Pairs", "Comm", "Tensors", "TestSupport"]),
        .testTarget(name: "CommandTests", dependencies: ["twotower", "CaffeProto", "TestSupport"]),
    ]
)
