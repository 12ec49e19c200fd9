import Testing
import Training

struct LossWindowTests {
    @Test
    func meanOfTheLastLosses() {
        var window = LossWindow(size: 3)
        #expect(window.mean == 0)
        var means: [Double] = []
        for loss in [6.0, 2, 1, 3, 8] {
            window.add(loss)
            means.append(window.mean)
        }
        #expect(means == [6, 4, 3, 2, 4])
        #expect(window.recent == [1, 3, 8])
    }

    /// Caffe's rule (Solver::UpdateSmoothedLoss), which losses_cli.txt of sgd_average_loss4 shows.
    @Test
    func aWindowOfOneIsTheLossItself() {
        var window = LossWindow(size: 1)
        for loss in [5.0, 7] {
            window.add(loss)
            #expect(window.mean == loss)
        }
    }

    @Test
    func resumesWithTheLossesOfASnapshot() {
        var window = LossWindow(size: 2, recent: [9, 4, 2])
        #expect(window.recent == [4, 2])
        window.add(6)
        #expect(window.mean == 4)
    }
}
