import Foundation
import Testing
import Verification

struct TrainingCurvesTests {
    private static let text = """
        {"iteration":0,"outputs":{"accuracy":[0.5],"prob":[0.1,0.2]},"phase":"test 0"}
        {"iteration":0,"loss":2.5,"phase":"train","smoothed_loss":2.5,"seconds":1.5}
        {"iteration":20,"loss":"nan","phase":"train","smoothed_loss":1.5}
        {"iteration":40,"loss":0.5,"phase":"train","smoothed_loss":1}
        {"iteration":20,"loss":1.25,"phase":"train","smoothed_loss":1.25}
        {"iteration":20,"outputs":{"accuracy":[0.75]},"phase":"test 1"}
        {"iteration":40,"lo
        """

    /// What came before a resume and was computed again is left out; a cut line is counted.
    @Test func readsWhatTrainingWrites() {
        let curves = TrainingCurves(Data(Self.text.utf8))
        #expect(curves.loss == [.init(0, 2.5), .init(20, 1.25)])
        #expect(curves.smoothedLoss == [.init(0, 2.5), .init(20, 1.25)])
        #expect(curves.tests.map(\.name) == ["accuracy", "prob[0]", "prob[1]", "accuracy (test 1)"])
        #expect(curves.tests.map(\.points) == [[.init(0, 0.5)], [.init(0, 0.1)], [.init(0, 0.2)], [.init(20, 0.75)]])
        #expect(curves.badLines == 1)
        #expect(TrainingCurves(Data()).isEmpty)
    }
}
