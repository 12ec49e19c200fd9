import ArgumentParser
import Foundation
import Pairs

/// Where `pairs` finds images, and how closely it looks at them.
struct PairSourceArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("A folder with a folder for each identity, or a table.", valueName: "images"))
    var input: String?

    @Option(
        help: ArgumentHelp("With --folder2: the identities' folders of what the first tower sees.", valueName: "folder")
    )
    var folder1: String?

    @Option(help: ArgumentHelp("With --folder1: those of what the second tower sees.", valueName: "folder"))
    var folder2: String?

    @Flag(help: "Read all of each file, to refuse one picture under two identities also where it is copied.")
    var checkContent = false

    @Flag(
        help: """
            Look at no file: what a table names, and what is called .jpg, .jpeg or .png in a folder, is taken for an image.
            """)
    var noFileCheck = false

    func validate() throws {
        guard (input != nil) != (folder1 != nil), (folder1 != nil) == (folder2 != nil) else {
            throw ValidationError("give a folder or a table; or --folder1 and --folder2")
        }
        if checkContent, noFileCheck { throw ValidationError("--check-content and --no-file-check exclude each other") }
    }

    var source: ImageCollection.Source {
        if let folder1, let folder2 { return .folders(folder1, folder2) }
        let path = input ?? ""
        var isFolder: ObjCBool = false
        let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return exists && !isFolder.boolValue ? .table(path) : .folder(path)
    }

    var looking: ImageCollection.Looking { noFileCheck ? .notAtAll : checkContent ? .atContent : .atBeginning }
}
