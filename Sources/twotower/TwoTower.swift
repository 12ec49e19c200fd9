import ArgumentParser
import Training

@main
struct TwoTower: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "twotower",
        abstract: "Trains two-tower image-similarity networks from Caffe's own files, on any number of MPI ranks.",
        discussion: """
            Run it alone, or under mpirun: every rank works on its shard of each batch, and any number of ranks
            trains the same.

              twotower train --solver solver.prototxt
              mpirun -np 4 twotower train --solver solver.prototxt --start-alike '_p='
              mpirun -np 2 twotower test --model train_val.prototxt --weights snap_iter_1000.caffemodel
            """,
        version: Version.whole,
        subcommands: [
            PairsCommand.self, CheckDataCommand.self, PackCommand.self, FeedCommand.self,
            TrainCommand.self, TestCommand.self, CheckCommand.self, DoctorCommand.self, TimeCommand.self,
            SummaryCommand.self, UpgradeCommand.self,
            EmbedCommand.self, EvaluateCommand.self, CalibrateCommand.self, CompareCommand.self, VerifyCommand.self,
            SearchCommand.self, ExportCommand.self,
        ])
}
