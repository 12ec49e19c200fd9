import ArgumentParser
import Pairs

/// How `pairs` splits identities.
struct SplitArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The splits and their shares of the identities that no list claims; largest remainders are rounded up. \
            (default: train=0.8,val=0.1,test=0.1 but for splits with a list; where train has a list, none)
            """, valueName: "name=share,..."))
    var split: String?

    @Option(
        help: ArgumentHelp(
            "A split's identities, one a line of a file; may be given several times.", valueName: "name=file"))
    var identitiesOf: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Refuse to train on the images of these lists, such as those of an earlier test: they may not be in the split \
            train, nor in any split where none is called so.
            """, valueName: "list"))
    var exclude: [String] = []

    func validate() throws {
        do {
            let (shares, lists) = try (shares, lists)
            for list in lists where split != nil && shares.shares.contains(where: { $0.name == list.split }) {
                throw ValidationError("the split \(list.split) has a list, and can't have a share of the others")
            }
        } catch let error as MakingError {
            throw ValidationError("--split \(error)")
        }
    }

    /// The names of all splits.
    var names: [String] {
        guard let shares = try? shares.shares.map(\.name), let lists = try? lists.map(\.split) else { return [] }
        return lists.reduce(into: shares) { names, name in if !names.contains(name) { names.append(name) } }
    }

    /// Which identities are in which split; nothing that is excluded is trained on.
    func split(_ images: ImageCollection, root: String?, seed: UInt64) throws -> IdentitySplit {
        let split = try IdentitySplit(images.table, shares, lists: lists, seed: seed)
        let train = split.parts.filter { $0.name == "train" }
        for part in exclude.isEmpty ? [] : train.isEmpty ? split.parts : train {
            try ExcludedImages(exclude, root: root).check(images, part)
        }
        return split
    }

    private var shares: SplitShares {
        get throws {
            if let split { return try SplitShares(split) }
            let listed = try lists.map(\.split)
            return listed.contains("train") ? .none : SplitShares.usual.without(listed)
        }
    }

    private var lists: [IdentitySplit.List] {
        get throws {
            try identitiesOf.map { text in
                let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard sides.count == 2 else {
                    throw ValidationError("--identities-of \(text): give a split and a file, as in test=people.txt")
                }
                if let problem = SplitShares.problem(name: sides[0]) {
                    throw ValidationError("--identities-of \(text): \(problem)")
                }
                return .init(split: sides[0], file: sides[1])
            }
        }
    }
}
