import Comm
import Foundation
import Nets
import Pairs

/// What a training says and finds out on its way: tests, the display, the timeline, the end.
extension Trainer {
    var isTestDue: Bool {
        plan.settings.testInterval > 0 && !testers.isEmpty && iteration.isMultiple(of: plan.settings.testInterval)
    }

    func test() throws {
        for (index, tester) in testers.enumerated() {
            log.testing(net: index, at: iteration)
            let result = try Timeline.measure(.test, "net #\(index)", in: net.timeline) {
                try located("test") { try tester.run(stopping, at: iteration) }
            }
            guard let result else { break }
            log.testOutputs(result.outputs)
            if communicator.isRankZero { log.testLeftOut(result.replaced) }
            try communicator.together {
                try meter.record(test: result, net: index, at: iteration)
            }
        }
        meter.skipTime()
    }

    func show(_ report: StepReport) throws {
        guard plan.settings.display > 0, report.iteration.isMultiple(of: plan.settings.display) else { return }
        let rate = plan.settings.learningRate(at: report.iteration)
        let interval = try meter.interval()
        log.iteration(report.iteration, loss: losses.mean, since: interval.seconds, iterations: interval.iterations)
        log.trainOutputs(report.outputs)
        log.learningRate(rate, at: report.iteration)
        meter.show(interval, log: log)
        try badImages?.show()
        // The lint of the first batch has looked at iteration 0.
        let collapsed = report.iteration > 0 ? try collapse.close(over: team.own) : (all: [], new: [])
        for collapse in collapsed.new where communicator.isRankZero { log.warn("\(collapse)") }
        try communicator.together {
            try meter.record(report, smoothed: losses.mean, rate: rate, interval: interval, collapsed: collapsed.all)
        }
    }

    func writeTimeline() throws {
        try recorder?.write(over: communicator, log: log)
        (recorder, net.timeline) = (nil, nil)
        meter.skipTime()
    }

    /// Ends training: at max_iter as Caffe does, or where it was asked to stop.
    func finish() throws {
        if stopping.isEnding {
            // Where nothing is learnt yet there is nothing to keep.
            if iteration > 0 { try snapshot() }
        } else {
            try finishLastIteration()
            // Told to end in the last test.
            if stopping.isEnding { try snapshot() }
        }
        try communicator.together { try snapshots.finish(at: iteration) }
        try writeTimeline()
        try meter.end(log: log)
        try badImages?.show(atEnd: true)
        exchange.thread.close()
        if let cache = plan.options.decoding.cache { log.say("\(cache.statistics)") }
        input.stop()
        for tester in testers { tester.stop() }
        plan.lock?.release()
        log.done(early: stopping.isEnding)
    }

    private func finishLastIteration() throws {
        let settings = plan.settings
        if settings.snapshotAfterTrain { try snapshot() }
        if settings.display > 0, iteration.isMultiple(of: settings.display) {
            losses.add(try lossOfNextBatch())
            log.finalLoss(losses.mean, at: iteration)
        }
        if isTestDue { try test() }
    }

    /// Caffe ends with one more forward pass, so that the last display shows the last weights.
    private func lossOfNextBatch() throws -> Double {
        net.timeline?.begin(step: iteration)
        var totals = StepTotals(net.context)
        for _ in 0..<net.context.pieces {
            func load() throws { _ = try input.loadNext(into: net) }
            if input.beginsBatch { try communicator.together(load) } else { try load() }
            totals.add(loss: try net.forward(), outputs: [])
        }
        return try totals.sum(over: team.own)[0]
    }
}
