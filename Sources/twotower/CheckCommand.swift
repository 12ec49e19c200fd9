import ArgumentParser
import Comm
import Training

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks that the ranks of a cluster reach each other and agree.",
        discussion: "Run it under mpirun, as a training would be: mpirun -np 4 --hostfile hosts twotower check")

    func run() throws {
        try Job.run { communicator, log in
            try CommunicatorCheck.runAll(on: communicator) { log.say("ok: \($0)") }
            log.say("\(communicator.size) rank(s) agree on everything")
        }
    }
}
