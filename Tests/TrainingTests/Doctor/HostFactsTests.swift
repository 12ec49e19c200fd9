import TestSupport
import Testing
import Training

struct HostFactsTests {
    @Test
    func readsTheKernelsFiles() throws {
        let machine = try MadeUpMachine(
            MadeUpJob.texts { texts in
                texts["sys/devices/system/cpu/online"] = "0-3"
                for (core, list) in ["0,2", "1,3", "0,2", "1,3"].enumerated() {
                    texts["sys/devices/system/cpu/cpu\(core)/topology/thread_siblings_list"] = list
                }
                texts["sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"] = "powersave"
                texts["proc/sys/kernel/yama/ptrace_scope"] = "1"
                texts["sys/class/infiniband/mlx5_0/name"] = "x"
            })
        let facts = HostFacts(machine.files, sharedMemory: nil)
        #expect(facts.processor == "Fast 9000")
        #expect(facts.processors == [0, 1, 2, 3])
        #expect(facts.siblings == [[0, 2], [1, 3]])
        #expect(facts.governor == "powersave" && facts.governorDriver == nil)
        #expect(facts.memory == 16_000_000 << 10)
        #expect(facts.memoryFree == 8_000_000 << 10)
        #expect(facts.ptraceScope == 1)
        #expect(facts.hasInfiniBand)
    }

    @Test
    func aRoomIsMeasured() throws {
        let room = try #require(HostFacts.Room(of: "/"))
        #expect(room.total > 0 && room.free <= room.total)
        #expect(HostFacts.Room(of: "/no/such/folder") == nil)
    }

    @Test
    func limitsOfAProcess() throws {
        let machine = try MadeUpMachine([
            "proc/self/limits": """
            Limit                     Soft Limit           Hard Limit           Units
            Max open files            256                  20000                files
            Max locked memory         65536                unlimited            bytes
            Max address space         unlimited            unlimited            bytes
            """
        ])
        let limits = RankFacts.Limits(machine.files)
        #expect(limits.openFiles == 256)
        #expect(limits.lockedMemory == 65536)
        #expect(limits.addressSpace == .max)
    }

    /// The last mount over the deepest mount point counts.
    @Test
    func fileSystems() throws {
        let disk = try ScratchDirectory("mounts")
        let machine = try MadeUpMachine([
            "proc/self/mountinfo": """
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            30 27 0:40 / \(disk.path) rw shared:1 - nfs4 server:/x rw
            31 27 0:41 / \(disk.path)/a\\040b rw - tmpfs none rw
            32 27 0:42 / \(disk.path)/snap rw - xfs /dev/vdb rw
            """
        ])
        #expect(FileSystem(of: disk.path + "/snapshots", machine.files)?.type == "nfs4")
        #expect(FileSystem(of: disk.path + "/a b/c", machine.files)?.type == "tmpfs")
        #expect(FileSystem(of: disk.path + "/snap", machine.files)?.type == "xfs")
        #expect(FileSystem(of: "/", machine.files)?.type == "ext4")
        #expect(FileSystem(of: "/", try MadeUpMachine().files) == nil)
    }
}
