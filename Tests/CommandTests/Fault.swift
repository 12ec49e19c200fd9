import Foundation
import TestSupport
import Testing

/// Something wrong with what the user gives, and what the tool must say of it.
struct Fault: Sendable, CustomTestStringConvertible {
    /// What is set up for a run.
    struct Scene: Sendable {
        /// Arguments beside --solver and --snapshot-prefix.
        var arguments: [String] = []
        /// The arguments instead of --solver FILE --snapshot-prefix PREFIX.
        var start: [String]?
        /// What the error must contain.
        var says: [String]
        /// Kept as long as the test runs.
        var disk: TestDisk?
    }

    let name: String
    /// Whether the fault can only show while training: everything else must be found before iteration 0.
    var isLate = false
    let prepare: @Sendable (GoldenRun) throws -> Scene

    var testDescription: String { name }

    static let all = lists + images + definitions + snapshots + weights

    /// A folder of the run whose paths are relative to it.
    static let net = "net_contrastive"
    static let netFile = "net_contrastive/train_val.prototxt"
}

extension GoldenRun {
    /// Replaces a file of the net's folder, a link to the golden one, by a changed copy.
    func change(_ file: String, _ edit: (inout [String]) -> Void) throws {
        var lines = try folder.text(of: file).split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        edit(&lines)
        try FileManager.default.removeItem(atPath: folder.file(file))
        try folder.write(file, lines.map { $0 + "\n" }.joined())
    }

    /// Replaces the first occurrence of a text in a file; returns the number of its line.
    func replaceFirst(_ old: String, by new: String, in file: String) throws -> Int {
        let text = try folder.text(of: file)
        let range = try #require(text.range(of: old), "\(old) in \(file)")
        try folder.write(file, text.replacingCharacters(in: range, with: new))
        return text[..<range.lowerBound].count { $0 == "\n" } + 1
    }
}

// MARK: - Lists and images

extension Fault {
    static let lists = [
        Fault(name: "missing list") { run in
            try FileManager.default.removeItem(atPath: run.folder.file("\(net)/train2.txt"))
            return Scene(says: ["can't read the list train2.txt: No such file or directory", run.folder.file(net)])
        },
        Fault(name: "folder as list") { run in
            try FileManager.default.removeItem(atPath: run.folder.file("\(net)/train2.txt"))
            try run.folder.write("\(net)/train2.txt/inside", "")
            return Scene(says: ["can't read the list train2.txt: Is a directory"])
        },
        Fault(name: "missing list of the TEST phase") { run in
            try FileManager.default.removeItem(atPath: run.folder.file("\(net)/test1.txt"))
            return Scene(says: ["can't read the list test1.txt: No such file or directory"])
        },
        Fault(name: "empty list") { run in
            try run.change("\(net)/train1.txt") { $0 = [] }
            return Scene(says: ["the list train1.txt is empty"])
        },
        Fault(name: "shorter list") { run in
            try run.change("\(net)/train2.txt") { $0.removeLast(3) }
            return Scene(says: [
                "the lists have different lengths, 20 and 17 lines; train2.txt ends before",
                "train1.txt:18: images/20_coins_a_gray.jpg 1",
            ])
        },
        Fault(name: "labels that differ") { run in
            try run.change("\(net)/train2.txt") { $0[4] = "images/04_coffee_a.jpg 0" }
            return Scene(says: [
                "the lists disagree on the label of line 5", "train1.txt:5: images/04_coffee_a.jpg 1",
                "train2.txt:5: images/04_coffee_a.jpg 0",
            ])
        },
        Fault(name: "label that is no number") { run in
            try run.change("\(net)/train1.txt") { $0[2] = "images/02_chelsea_a.jpg same" }
            return Scene(says: [#"train1.txt:3: the label "same" is no number"#, "images/02_chelsea_a.jpg same"])
        },
        Fault(name: "label missing") { run in
            try run.change("\(net)/train1.txt") { $0[2] = "images/02_chelsea_a.jpg" }
            return Scene(says: ["train1.txt:3: no space between path and label"])
        },
    ]

    static let images = [
        Fault(name: "missing image") { run in
            try run.change("\(net)/train2.txt") { $0[12] = "images/gone.jpg 1" }
            return Scene(says: ["train2.txt:13: ", "images/gone.jpg", "no such file"])
        },
        Fault(name: "missing image of the TEST phase") { run in
            try run.change("\(net)/test2.txt") { $0[3] = "images/gone.jpg " + $0[3].suffix(1) }
            return Scene(says: ["test2.txt:4: ", "images/gone.jpg", "no such file"])
        },
        Fault(name: "truncated image", isLate: true) { run in
            let whole = try Data(contentsOf: URL(filePath: Golden.path("images/12_ihc_a.jpg")))
            try run.folder.write("\(net)/broken/cut.jpg", whole.prefix(whole.count / 2))
            try run.change("\(net)/train1.txt") { $0[12] = "broken/cut.jpg 1" }
            return Scene(says: ["train1.txt:13: broken/cut.jpg: the JPEG is damaged or cut off"])
        },
        Fault(name: "BMP as image", isLate: true) { run in
            try run.folder.link("\(net)/broken", to: Golden.path("images_extra"))
            try run.change("\(net)/train1.txt") { $0[12] = "broken/bmp24.bmp 1" }
            return Scene(says: ["train1.txt:13: broken/bmp24.bmp: expected a JPEG or PNG image, found a BMP image"])
        },
        Fault(name: "folder as image", isLate: true) { run in
            try run.change("\(net)/train1.txt") { $0[12] = "images 1" }
            return Scene(says: ["train1.txt:13: images: can't read the image: Is a directory"])
        },
    ]
}

// MARK: - Definitions

extension Fault {
    /// A mistake in the net's text: what stands where another text stood, and what is said of its line.
    private static func mistake(_ name: String, _ old: String, _ new: String, says: [String]) -> Fault {
        Fault(name: name) { run in
            let line = try run.replaceFirst(old, by: new, in: netFile)
            return Scene(says: ["\(run.folder.file(netFile)):\(line):"] + says)
        }
    }

    static let definitions = [
        Fault(name: "missing solver") { run in
            let path = run.folder.file("no.prototxt")
            return Scene(start: ["--solver", path], says: ["\(path): cannot be opened: No such file or directory"])
        },
        Fault(name: "missing net") { run in
            try FileManager.default.removeItem(atPath: run.folder.file(netFile))
            return Scene(says: ["train_val.prototxt: cannot be opened: No such file or directory"])
        },
        Fault(name: "solver without a net") { run in
            _ = try run.replaceFirst("net:", by: "# net:", in: "solver.prototxt")
            return Scene(says: ["\(run.solver): the solver names no net"])
        },
        Fault(name: "unknown solver type") { run in
            _ = try run.replaceFirst("lr_policy:", by: "type: \"SDG\" lr_policy:", in: "solver.prototxt")
            return Scene(says: [#"unknown solver type "SDG" (did you mean "SGD"?)"#])
        },
        Fault(name: "unknown lr_policy") { run in
            _ = try run.replaceFirst("\"step\"", by: "\"stepp\"", in: "solver.prototxt")
            return Scene(says: [#"unknown lr_policy "stepp"; did you mean "step"?"#])
        },
        Fault(name: "unknown field in the solver") { run in
            let line = try run.replaceFirst("momentum:", by: "momentun:", in: "solver.prototxt")
            return Scene(says: ["\(run.solver):\(line):1: unknown field", "^", "did you mean momentum?"])
        },
        mistake(
            "unknown field", "kernel_size: 11", "kernal_size: 11",
            says: ["unknown field in convolution_param", "kernal_size: 11", "^", "did you mean kernel_size?"]),
        mistake(
            "unknown enum value", "pool: MAX", "pool: MAXI", says: ["pool: MAXI", "^", "did you mean MAX?"]),
        mistake(
            "unknown layer of the old kind", "type: CONVOLUTION", "type: CONVOLUTIN",
            says: ["CONVOLUTIN", "^", "did you mean CONVOLUTION?"]),
        mistake("text that is no number", "stride: 4", "stride: four", says: ["stride: four", "^"]),
        mistake("brace without an end", "convolution_param {", "convolution_param { {", says: ["^"]),
        Fault(name: "unknown layer") { run in
            let data = """
                layer {
                    name: "data" type: "ImageData" top: "data"
                    image_data_param { source: "train1.txt" batch_size: 2 new_height: 8 new_width: 8 }
                }

                """
            try run.folder.write(netFile, data + #"layer { name: "a" type: "Convoluton" bottom: "data" top: "a" }"#)
            return Scene(says: [
                #"layer "a": unknown layer type "Convoluton"; did you mean "Convolution"? (known types: AbsVal, Accuracy, "#,
                "\(run.folder.file(netFile)):5:1",
            ])
        },
        Fault(name: "layer of Caffe that is not here") { run in
            let text = try run.folder.text(of: netFile)
            try run.folder.write(
                netFile, text + #"layers { name: "extra" type: IM2COL bottom: "fc7" top: "extra" }"#)
            return Scene(says: [
                #"layer "extra""#, #"type "Im2col" is a layer of Caffe that this program does not have"#,
            ])
        },
        Fault(name: "bottom that nobody makes") { run in
            let line = try run.replaceFirst("bottom: \"pool1\"", by: "bottom: \"pool_1\"", in: netFile)
            return Scene(says: [
                #"its bottom "pool_1" is made by no layer before it in this phase; the nearest name is "pool1""#,
                "norm1", "\(run.folder.file(netFile)):\(line - 3)",
            ])
        },
        Fault(name: "shapes that do not fit") { run in
            let text = try run.folder.text(of: netFile)
            let range = try #require(text.range(of: "num_output: 16", options: .backwards))
            try run.folder.write(netFile, text.replacingCharacters(in: range, with: "num_output: 8"))
            return Scene(says: ["layer loss (ContrastiveLoss): ", "×16", "×8", "\(run.folder.file(netFile)):"])
        },
        Fault(name: "kernel larger than its picture") { run in
            _ = try run.replaceFirst("kernel_size: 11", by: "kernel_size: 111", in: netFile)
            return Scene(says: ["layer conv1 (Convolution)", run.folder.file(netFile)])
        },
        Fault(name: "batch sizes that differ") { run in
            _ = try run.replaceFirst("batch_size: 8", by: "batch_size: 6", in: netFile)
            return Scene(says: ["layer data_p (ImageData)", "batch_size is 8, but layer data has 6"])
        },
    ]
}

// MARK: - Snapshots and weights

extension Fault {
    private static func golden(_ file: String) -> String { Golden.path("\(net)/\(file)") }

    static let snapshots = [
        Fault(name: "missing snapshot") { run in
            let path = run.folder.file("no.solverstate")
            return Scene(
                arguments: ["--snapshot", path], says: ["\(path): cannot be opened: No such file or directory"])
        },
        Fault(name: "snapshot cut short") { run in
            let whole = try Data(contentsOf: URL(filePath: golden("snap_iter_10.solverstate")))
            let path = try run.folder.write("cut.solverstate", whole.prefix(whole.count / 2))
            return Scene(arguments: ["--snapshot", path], says: ["\(path), byte ", "the file ends inside"])
        },
        Fault(name: "snapshot without weights") { run in
            let path = try run.folder.write(
                "lone.solverstate", try Data(contentsOf: URL(filePath: golden("snap_iter_10.solverstate"))))
            return Scene(
                arguments: ["--snapshot", path],
                says: [
                    "\(path) names the weights net_contrastive/snap_iter_10.caffemodel", "put that caffemodel beside",
                ])
        },
        Fault(name: "snapshot of another net") { run in
            let path = Golden.path("net_shared/snap_iter_10.solverstate")
            return Scene(
                arguments: ["--snapshot", path],
                says: [
                    "\(path) is a snapshot of another net or solver: it holds 14 history blobs, this training has 28"
                ])
        },
        Fault(name: "caffemodel as snapshot") { run in
            Scene(
                arguments: ["--snapshot", golden("snap_iter_10.caffemodel")],
                says: [
                    "snap_iter_10.caffemodel is a caffemodel, and --snapshot takes a solverstate; give it with --weights"
                ])
        },
        Fault(name: "prototxt as snapshot") { run in
            Scene(arguments: ["--snapshot", run.solver], says: ["expected a solverstate, found a prototxt"])
        },
    ]

    static let weights = [
        Fault(name: "missing weights") { run in
            let path = run.folder.file("no.caffemodel")
            return Scene(
                arguments: ["--weights", path], says: ["\(path): cannot be opened: No such file or directory"])
        },
        Fault(name: "solverstate as weights") { run in
            Scene(
                arguments: ["--weights", golden("snap_iter_10.solverstate")],
                says: [
                    "snap_iter_10.solverstate is a solverstate, and --weights takes a caffemodel; give it with --snapshot"
                ])
        },
        Fault(name: "weights of other shapes") { run in
            _ = try run.replaceFirst("num_output: 12", by: "num_output: 10", in: netFile)
            return Scene(
                arguments: ["--weights", golden("init.caffemodel")],
                says: [
                    "layer conv1 (Convolution): weights 0 have shape 10×3×11×11, but in \(golden("init.caffemodel")) "
                        + "12×3×11×11"
                ])
        },
        Fault(name: "weights cut short") { run in
            let whole = try Data(contentsOf: URL(filePath: golden("init.caffemodel")))
            let path = try run.folder.write("cut.caffemodel", whole.prefix(whole.count / 2))
            return Scene(arguments: ["--weights", path], says: ["\(path), byte ", "the file ends inside"])
        },
    ]

    /// Faults of the place where snapshots go; the first two take root.
    static let disks = [
        Fault(name: "read-only disk") { run in
            let disk = try TestDisk(kilobytes: 64)
            try disk.protect()
            return Scene(
                start: ["--solver", run.solver, "--snapshot-prefix", disk.path + "/snap"],
                says: ["can't write \(disk.path)/snap.write-probe", "Read-only file system"], disk: disk)
        },
        Fault(name: "full disk", isLate: true) { run in
            _ = try run.replaceFirst("after_train: false", by: "after_train: true", in: "solver.prototxt")
            // The weights of a snapshot have 344 KiB; its state finds no room.
            let disk = try TestDisk(kilobytes: 500)
            return Scene(
                arguments: ["--max-iter", "1"],
                start: ["--solver", run.solver, "--snapshot-prefix", disk.path + "/snap"],
                says: ["can't write \(disk.path)/snap_iter_1.solverstate", "No space left on device"], disk: disk)
        },
    ]

    static let fileInTheWay = Fault(name: "file where a folder should be") { run in
        Scene(
            start: ["--solver", run.solver, "--snapshot-prefix", run.solver + "/snap"],
            says: ["can't make the directory \(run.solver)"])
    }
}
