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
    static func run<R>(
        threads: Int? = nil, _ body: (_ communicator: any Communicator, _ log: TrainingLog) throws -> R
    ) throws -> R {
        let communicator = try connect()
        let speaks = communicator.isRankZero
        LoggingSystem.bootstrap { _ in CaffeLogHandler(speaks: speaks) }
        let log = TrainingLog(Logger(label: "twotower"))
        do {
            try takeThreads(threads, communicator, log)
            let result = try body(communicator, log)
            try communicator.leave()
            return result
        } catch let error as PeerError {
            if communicator.isRankZero { say(error.rank == 0 ? error.message : error.description) }
            try? communicator.leave()
            throw ExitCode(1)
        } catch  where communicator.size == 1 {
            say("\(error)")
            throw ExitCode(1)
        } catch {
            say("rank \(communicator.rank) (\(communicator.host)): \(error)")
            communicator.abort(status: 1)
        }
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
