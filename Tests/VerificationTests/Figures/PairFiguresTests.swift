import Foundation
import TestSupport
import Testing
import Verification

struct PairFiguresTests {
    private static let few = Bootstrap(replicates: 20)

    @Test
    func holdsAllThatTheListCanTell() throws {
        let reference = try #require(ReferenceFigures.all.first { $0.name == "some ties" })
        let figures = try #require(PairFigures(reference.table, threshold: 1.25, bootstrap: Self.few))
        #expect(figures.pairs == 300 && figures.matching + figures.nonMatching == 300)
        #expect(figures.resampled == .pairs && figures.identities == nil)
        let best = try reference.value("best_threshold")
        #expect(figures["best_accuracy"]?.threshold == Float(best))
        #expect(figures["accuracy"]?.threshold == 1.25)
        #expect(figures["auc"]?.threshold == nil)
        #expect(abs((figures["accuracy"]?.value ?? 0) - (try reference.value("accuracy_at_1.25"))) < 1e-9)
        for name in figures.order {
            let figure = try #require(figures[name])
            guard let value = figure.value else {
                #expect(
                    figure.absent?.contains("non-matching pairs; the list has 140") == true && figure.interval == nil)
                continue
            }
            let interval = try #require(figure.interval)
            #expect(interval.low <= value && value <= interval.high, "\(name)")
        }
        #expect(figures.order.filter { figures[$0]?.value == nil } == ["tar_at_far_1e-3", "tar_at_far_1e-4"])
    }

    @Test
    func staysTheSameThroughJSON() throws {
        let table = MeasureTests.table(matching: [1, 2, 2.5], other: [2, 3])
        let figures = try #require(PairFigures(table, threshold: 2, bootstrap: Self.few))
        let data = try JSONEncoder().encode(figures)
        #expect(try JSONDecoder().decode(PairFigures.self, from: data) == figures)
    }

    @Test
    func rowsForPeople() throws {
        let table = MeasureTests.table(matching: [1, 2], other: [3, 4])
        let figures = try #require(PairFigures(table, bootstrap: Self.few))
        #expect(figures.columns == ["", "value", "95 % interval (pairs)", "threshold"])
        #expect(figures.rows[0] == ["AUC", "1.0000", "1.0000 … 1.0000", ""])
        #expect(figures.rows[1] == ["EER", "0.0000", "0.0000 … 0.0000", "2.0000"])
        #expect(figures.rows[4] == ["TAR at FAR 1e-1", "-", "needs 10 non-matching pairs; the list has 2", ""])
    }

    @Test
    func noReplicatesNoIntervals() throws {
        let table = MeasureTests.table(matching: [1, 2], other: [3, 4])
        let figures = try #require(PairFigures(table, bootstrap: Bootstrap(replicates: 0)))
        #expect(figures["auc"]?.value == 1 && figures["auc"]?.interval == nil)
        #expect(figures.rows[0] == ["AUC", "1.0000", "", ""])
    }

    @Test
    func readsIdentityColumns() throws {
        let folder = try ScratchDirectory()
        let file = folder.file("ids.txt")
        try Data("ann\tann\nann\tbob smith\r\n".utf8).write(to: URL(filePath: file))
        let identities = try PairIdentities(file: file, pairs: 2)
        #expect(identities.names == ["ann", "bob smith"])
        #expect(identities.first == [0, 0] && identities.second == [0, 1])
        #expect(throws: IdentityFileError.wrongLength(file: file, lines: 2, pairs: 3)) {
            try PairIdentities(file: file, pairs: 3)
        }
        try Data("ann\tann\nann bob\n".utf8).write(to: URL(filePath: file))
        let error = IdentityFileError.malformed(file: file, line: 2, text: "ann bob")
        #expect(throws: error) { try PairIdentities(file: file, pairs: 2) }
        #expect(
            error.description == """
                \(file):2: expected the identities of a pair's two pictures with a tab between them
                    ann bob
                """)
        #expect(throws: IdentityFileError.self) { try PairIdentities(file: "/nowhere", pairs: 2) }
    }
}
