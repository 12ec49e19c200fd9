import Foundation
import Pairs
import Training

/// What `pairs` says that it made.
struct PairsSummary {
    let images: ImageCollection
    let split: IdentitySplit
    let makers: [PairMaker]
    let mined: PairMining.Mined?

    func print(output: String, root: String?) {
        let table = images.table
        Swift.print(
            "\(table.source): \(TextTable.grouped(table.imageCount)) images of "
                + "\(TextTable.grouped(table.identityCount)) identities")
        if !images.views.isEmpty { Swift.print("view 1: \(images.views[0]), view 2: \(images.views[1])") }
        for line in images.passedOver.lines { Swift.print("passed over: \(line)") }
        if split.leftOut > 0 { Swift.print("in no split: \(split.leftOut) identities") }
        Swift.print("\n\(splits)\n")
        if let mined { Swift.print(sentence(mined) + "\n") }
        let folder = root ?? output
        let slash = folder.hasSuffix("/") ? folder : folder + "/"
        Swift.print("lists in \(output); paths begin at \(folder), as with root_folder: \"\(slash)\"")
    }

    private func sentence(_ mined: PairMining.Mined) -> String {
        let count = "mined \(TextTable.grouped(mined.pairs.count)) impostor pairs of train"
        guard let (hard, drawn) = mined.distances else { return count + ": no candidates" }
        return count + String(format: ", at a mean distance of %.4g where drawn ones have %.4g", hard, drawn)
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
