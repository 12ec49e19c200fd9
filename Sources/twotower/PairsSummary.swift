import Pairs
import Training

/// What `pairs` says that it made.
struct PairsSummary {
    let images: ImageCollection
    let split: IdentitySplit
    let makers: [PairMaker]

    func print(output: String, root: String?) {
        let table = images.table
        Swift.print(
            "\(table.source): \(TextTable.grouped(table.imageCount)) images of "
                + "\(TextTable.grouped(table.identityCount)) identities")
        if !images.views.isEmpty { Swift.print("view 1: \(images.views[0]), view 2: \(images.views[1])") }
        for line in images.passedOver.lines { Swift.print("passed over: \(line)") }
        if split.leftOut > 0 { Swift.print("in no split: \(split.leftOut) identities") }
        Swift.print("\n\(splits)\n")
        let folder = root ?? output
        let slash = folder.hasSuffix("/") ? folder : folder + "/"
        Swift.print("lists in \(output); paths begin at \(folder), as with root_folder: \"\(slash)\"")
    }

    private var splits: TextTable {
        var rows = TextTable(["split", "identities", "unpaired", "images", "matching", "impostor", "pairs"])
        rows.alignRight(1, 2, 3, 4, 5, 6)
        for (part, maker) in zip(split.parts, makers) {
            let figures = [
                part.identities.count, maker.unmatched, maker.imageCount, maker.matchingCount, maker.impostorCount,
                maker.matchingCount + maker.impostorCount,
            ]
            rows.add([part.name] + figures.map(TextTable.grouped))
        }
        return rows
    }
}
