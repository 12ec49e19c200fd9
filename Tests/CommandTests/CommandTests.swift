import Testing

/// The built tool, run as users run it; one test at a time, since the machine has few cores and mpirun takes them all.
@Suite(.serialized)
struct CommandTests {}
