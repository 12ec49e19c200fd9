import Comm
import Foundation
import Nets
import TestSupport
import Testing
import Training

struct KernelMeasuringTests {
    private func trial(_ job: String, kernels: [String] = ["usual", "other"]) -> KernelTrial {
        KernelTrial(job, multiplyAdds: 5, candidates: kernels.map { .init($0) { nil } })
    }

    private let choices = KernelChoices([
        .init(job: "forward", kernel: "other", seconds: 0.0219, defaultSeconds: 0.0512)
    ])

    @Test func whatWasMeasuredIsRemembered() throws {
        let scratch = try ScratchDirectory("kernels")
        let memory = KernelMemory(for: [trial("forward")], folder: scratch.file("cache/twotower"))
        #expect(memory.choices == nil)
        try memory.keep(choices)
        #expect(memory.choices == choices)
        #expect(KernelMemory(for: [trial("forward")], folder: scratch.file("cache/twotower")).choices == choices)
        for other in [trial("backward"), trial("forward", kernels: ["usual"])] {
            #expect(KernelMemory(for: [other], folder: scratch.file("cache/twotower")).choices == nil)
        }
        _ = try scratch.write(String(memory.path.dropFirst(scratch.path.count + 1)), "torn")
        #expect(memory.choices == nil, "a file that can't be read is none")
    }

    @Test func choicesAreToldInALine() {
        #expect(choices.description == "forward: other, 21.9 ms for 51.2")
    }

    private func measure(
        _ definition: PhaseNet, _ communicator: any Communicator, _ log: TrainingLog, cache: String,
        measures: Bool = true
    ) throws -> KernelChoices {
        var options = RunOptions()
        options.measuresKernels = measures
        return try KernelChoices.measure(
            for: definition, options: options, communicator: communicator, log: log, cache: cache)
    }

    /// Small layers are not measured, nor is anything for an engine that was asked for.
    @Test func nothingIsMeasuredInVain() throws {
        let scratch = try ScratchDirectory("kernels")
        let log = RecordingLog()
        let small = try PhaseNet.load(Golden.path("net_contrastive/train_val.prototxt"), phase: .train)
        #expect(try measure(small, SoloCommunicator(), log.log, cache: scratch.path) == KernelChoices())
        let large = try PhaseNet.load(Golden.path("seed.prototxt"), phase: .train)
        #expect(
            try measure(large, SoloCommunicator(), log.log, cache: scratch.path, measures: false) == KernelChoices())
        #expect(log.lines == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
    }

    /// All ranks get rank zero's choices, and the next training the same without measuring.
    @Test func ranksAgreeAndRemember() throws {
        let scratch = try ScratchDirectory("kernels")
        let model = try scratch.write(
            "net.prototxt",
            """
            layer {
              name: "data" type: "ImageData" top: "data" top: "label"
              image_data_param { source: "no.txt" batch_size: 32 new_height: 16 new_width: 16 }
            }
            layer {
              name: "conv1" type: "Convolution" bottom: "data" top: "a"
              convolution_param { num_output: 64 kernel_size: 1 weight_filler { type: "xavier" } }
            }
            layer {
              name: "conv2" type: "Convolution" bottom: "a" top: "b"
              convolution_param { num_output: 96 kernel_size: 3 pad: 1 weight_filler { type: "xavier" } }
            }
            layer { name: "loss" type: "Reduction" bottom: "b" top: "loss" loss_weight: 1 }
            """)
        let definition = try PhaseNet.load(model, phase: .train)
        func run() throws -> [KernelChoices] {
            try ThreadCommunicator.run(2) { communicator in
                try measure(definition, communicator, RecordingLog().log, cache: scratch.file("cache"))
            }
        }
        let first = try run()
        #expect(first[0] == first[1])
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.file("cache"))
        #expect(files.count == 1)
        #expect(try run() == first)
    }
}
