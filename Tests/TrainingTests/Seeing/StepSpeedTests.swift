import Testing
import Training

struct StepSpeedTests {
    /// 10 steps of 32 pairs in 16 s; the reader that waits longest counts, and the exchange of the rank that waits least.
    @Test
    func theLineSaysAllRanksSpeed() {
        let ranks = [
            RankTimes([.exchange: 3.2, .backward: 9], dataWait: 0.16, operations: 170e9),
            RankTimes([.exchange: 0.4, .backward: 12], dataWait: 0.8, operations: 180e9),
        ]
        let speed = StepSpeed(ranks, steps: 10, seconds: 16, pairs: 32)
        #expect(
            "\(speed)"
                == "Speed: 20.0 pairs/s, 218.8 GFLOP/s; waiting for data 5.0 %, exchange not hidden 2.5 % of the time")
    }

    /// What Caffe's tools search for is not in it.
    @Test
    func caffesToolsPassItBy() {
        let line = "\(StepSpeed([], steps: 1, seconds: 0, pairs: 1))"
        for words in ["Iteration", "lr = ", "net output #", "Solving", "loss"] { #expect(!line.contains(words)) }
    }
}
