import ArgumentParser
import Comm
import Foundation
import Logging
import Tensors
import Training

/// The ranks that a command runs on, and the one place where errors become a sentence and an exit status.
enum Job {
    /// Joins the other ranks, runs the body, and leaves.
    ///
    /// An error that all ranks know is printed by one of them and all end with status 1; one that only this rank knows
    /// ends the whole job, since the others would wait for it for ever.
    ///
    /// - Parameter stallTimeout: the seconds without any progress after which the job ends; 0 is never.
    static func run<R>(
        threads: Int? = nil, stallTimeout: Int = 0,
        _ body: (_ communicator: any Communicator, _ log: TrainingLog) throws -> R
    ) throws -> R {
        var communicator = try connect()
        CrashReport.install(rank: communicator.rank, host: communicator.host)
        if stallTimeout > 0, communicator.size > 1 { communicator = WatchedCommunicator(communicator) }
        let speaks = communicator.isRankZero
        LoggingSystem.bootstrap { _ in CaffeLogHandler(speaks: speaks) }
        let log = TrainingLog(Logger(label: "twotower"))
        do {
            let watchdog =
                stallTimeout > 0
                ? try Watchdog(timeout: Double(stallTimeout), communicator: communicator, log: log) : nil
            try takeThreads(threads, communicator, log)
            let result = try body(communicator, log)
            try communicator.leave()
            watchdog?.stop()
            return result
        } catch {
            try end(communicator, by: error)
        }
    }

    /// Says once what went wrong, and ends all ranks.
    private static func end(_ communicator: any Communicator, by error: any Error) throws -> Never {
        let fault = error as? RunFault
        // "iteration 12 (training): "
        let place = fault.map { "\($0.place): " } ?? ""
        switch fault?.cause ?? error {
        case let error as PeerError:
            if communicator.isRankZero {
                // What rank zero found out about all names whom it is about; what went wrong on rank zero alone must be named.
                let isNamed = fault == nil || communicator.hosts.contains { error.message.contains("(\($0))") }
                say(place + (error.rank == 0 && isNamed ? error.message : error.description))
            }
            try? communicator.leave()
            throw ExitCode(1)
        case let error where communicator.size == 1:
            say("\(place)\(error)")
            throw ExitCode(1)
        case let error as CommError:
            // Mostly another rank has died, which has said so, and mpirun ends this one in a moment.
            sleep(communicator.isRankZero ? 6 : 8)
            abort(communicator, saying: "\(place)\(error)")
        case let error:
            abort(communicator, saying: "rank \(communicator.rank) (\(communicator.host)), \(place)\(error)")
        }
    }

    private static func abort(_ communicator: any Communicator, saying message: String) -> Never {
        say(message)
        JobEnd.arm(status: 1)
        communicator.abort(status: 1)
    }

    /// Runs a body that needs no other rank.
    static func alone(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            say("\(error)")
            throw ExitCode(1)
        }
    }

    private static func connect() throws -> any Communicator {
        do {
            return try World.join()
        } catch let lone as LoneTasks where !lone.speaks {
            throw ExitCode(1)
        } catch {
            say("\(error)")
            throw ExitCode(1)
        }
    }

    private static func say(_ message: String) {
        Console.showProgress("")
        Console.printLine("twotower: error: \(message)")
    }

    /// Shares the cores of each host out between its ranks, and prints who computes where.
    private static func takeThreads(_ wanted: Int?, _ communicator: any Communicator, _ log: TrainingLog) throws {
        let map = try RankMap.gather(over: communicator)
        let threads = wanted ?? map.threads[communicator.rank]
        Threads.configure(threads)
        log.say("\(communicator.size) rank(s):\n\(map.table)" + (wanted.map { "\n--threads \($0) for each" } ?? ""))
    }
}
