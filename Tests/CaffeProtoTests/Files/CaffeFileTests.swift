import CaffeProto
import Foundation
import SwiftProtobuf
import Testing

struct CaffeFileTests {
    @Test(arguments: [
        ("net_contrastive/snap_iter_10.caffemodel", CaffeFile.Kind.caffemodel),
        ("net_contrastive/snap_iter_10.solverstate", .solverstate), ("preproc/mean64.binaryproto", .blob),
        ("seed.prototxt", .prototxt),
    ])
    func tellsFilesByTheirContent(name: String, kind: CaffeFile.Kind) throws {
        #expect(CaffeFile.kind(ofFirst: try Data(contentsOf: URL(filePath: GoldenFiles.path(name)))) == kind)
    }

    @Test func tellsTheRest() throws {
        #expect(CaffeFile.kind(ofFirst: []) == .empty)
        #expect(CaffeFile.kind(ofFirst: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0]) == .hdf5)
        #expect(CaffeFile.kind(ofFirst: [0xff, 0xd8, 0xff, 0xe0, 0, 0x10]) == .unknown)
        let unnamed = try NetParameter.with { $0.layer = [.with { $0.name = "a" }] }.serializedBytes() as [UInt8]
        #expect(CaffeFile.kind(ofFirst: unnamed) == .caffemodel)
        let modern = try BlobProto.with { $0.shape.dim = [1] }.serializedBytes() as [UInt8]
        #expect(CaffeFile.kind(ofFirst: modern) == .blob)
    }

    /// What a person who gives the wrong file to the wrong flag reads.
    @Test func namesTheWrongFile() throws {
        let model = GoldenFiles.path("net_contrastive/snap_iter_10.caffemodel")
        let state = GoldenFiles.path("net_contrastive/snap_iter_10.solverstate")
        #expect {
            try SolverStateReader(model)
        } throws: { error in
            "\(error)" == "\(model): expected a solverstate, found a caffemodel"
                && (error as? CaffeFileError)?.actual == .caffemodel
        }
        #expect { try CaffeModelReader(state) } throws: {
            "\($0)".hasSuffix("expected a caffemodel, found a solverstate")
        }
        #expect { try BlobProto.read(file: model) } throws: { "\($0)".hasSuffix("found a caffemodel") }
        #expect {
            try CaffeModelReader(GoldenFiles.path("seed.prototxt"))
        } throws: {
            "\($0)".hasSuffix("expected a caffemodel, found a prototxt")
        }
        #expect { try withFile([]) { try CaffeModelReader($0) } } throws: { "\($0)".hasSuffix("found an empty file") }
        let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2]
        let advice =
            "found an HDF5 file; snapshots in HDF5 are not read: save it in Caffe as a binary one (net.save in Python, or "
            + "snapshot_format: BINARYPROTO in the solver)"
        #expect { try withFile(hdf5) { try CaffeModelReader($0) } } throws: { "\($0)".hasSuffix(advice) }
        #expect { try withFile(hdf5) { try SolverStateReader($0) } } throws: { "\($0)".hasSuffix(advice) }
    }

    @Test func saysWhyAFileCannotBeOpened() {
        #expect {
            try CaffeModelReader("/nowhere/x.caffemodel")
        } throws: {
            "\($0)" == "/nowhere/x.caffemodel: cannot be opened: No such file or directory (read as a caffemodel)"
        }
        #expect { try CaffeModelReader("/") } throws: { "\($0)" == "/: is a folder, no file (read as a caffemodel)" }
        #expect { try CaffeModelReader("/dev/null") } throws: { "\($0)".hasPrefix("/dev/null: is a device") }
    }
}
