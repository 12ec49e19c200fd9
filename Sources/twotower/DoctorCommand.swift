import ArgumentParser
import Comm
import Foundation
import Tensors
import Training

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examines hosts, network, files and settings, and says what mends each problem.",
        discussion: """
            Run it as a training would be: mpirun -np 4 --hostfile hosts twotower doctor --solver solver.prototxt
            Without --solver or --model it looks at the machines only. Takes some 10 seconds, changes nothing, and writes
            one file of 16 MB beside the snapshots, which it removes again.
            The exit status is 0 if all is well or there are warnings only, and 1 if there are problems.
            """)

    @Option(help: ArgumentHelp("The training's solver: memory, lists, images and snapshots.", valueName: "file"))
    var solver: String?

    @Option(help: ArgumentHelp("A net, instead of a solver: memory, lists and images.", valueName: "file"))
    var model: String?

    @Option(help: "Examine this snapshot prefix instead of the solver's.")
    var snapshotPrefix: String?

    @Flag(help: "batch_size counts the pairs of each rank, as train would be told.")
    var batchPerRank = false

    @Flag(help: "Leave out what measures the network.")
    var quick = false

    @Option(help: ArgumentHelp("Also write findings and figures to this file, as a JSON object.", valueName: "file"))
    var json: String?

    @OptionGroup var input: InputOptions
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var watch: WatchArguments

    func validate() throws {
        if solver != nil, model != nil {
            throw ValidationError("--solver and --model exclude each other: a solver names its net")
        }
        if snapshotPrefix != nil, solver == nil { throw ValidationError("--snapshot-prefix goes with --solver") }
    }

    func run() throws {
        var status = [0]
        try Job.run(threads: compute.threads, stallTimeout: watch.stallTimeout) { communicator, _ in
            let report = try Doctor.examine(request, over: communicator)
            if let report {
                print(report)
                status = [report.verdict == .problem ? 1 : 0]
            }
            try communicator.together {
                guard let report, let json else { return }
                let object = try report.json() + Data("\n".utf8)
                try AtomicFile.write(to: json) { append in try append(object) }
            }
            try communicator.allReduceMaximum(&status)
        }
        if status[0] != 0 { throw ExitCode(1) }
    }

    private var request: DoctorRequest {
        var request = DoctorRequest()
        request.subject = solver.map { .solver($0) } ?? model.map { .model($0) }
        request.version = Version.text
        request.threads = compute.threads
        request.snapshotPrefix = snapshotPrefix
        request.options = input.runOptions(compute)
        request.options.batchPerRank = batchPerRank
        request.isQuick = quick
        return request
    }
}
