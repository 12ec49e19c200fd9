import Testing
import Training

struct ControlGroupTests {
    /// The tightest group on the way to the root counts, for each thing by itself.
    @Test
    func versionTwo() throws {
        let machine = try MadeUpMachine([
            "proc/self/cgroup": "0::/job/step",
            "sys/fs/cgroup/job/cpu.max": "150000 100000", "sys/fs/cgroup/job/step/cpu.max": "max 100000",
            "sys/fs/cgroup/job/memory.max": "4000000000", "sys/fs/cgroup/job/memory.current": "1000000000",
            "sys/fs/cgroup/job/memory.stat": "anon 5\ninactive_file 200000000",
            "sys/fs/cgroup/job/step/memory.max": "max",
            "sys/fs/cgroup/job/step/cpuset.cpus.effective": "2-3",
        ])
        let group = ControlGroup(machine.files)
        #expect(group.quota == 1.5)
        #expect(group.memoryLimit == 4_000_000_000)
        #expect(group.memoryFree == 3_200_000_000)
        #expect(group.processors == [2, 3])
    }

    @Test
    func versionOne() throws {
        let machine = try MadeUpMachine([
            "proc/self/cgroup": "4:memory:/docker/abc\n1:cpu:/docker/abc\n3:cpuset:/docker/abc\n0::/",
            "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us": "200000",
            "sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us": "100000",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9223372036854771712",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
            "sys/fs/cgroup/cpuset/cpuset.cpus": "0-1",
        ])
        let group = ControlGroup(machine.files)
        #expect(group.quota == 2)
        #expect(group.memoryLimit == nil)
        #expect(group.memoryFree == nil)
        #expect(group.processors == [0, 1])
    }

    /// A container sees its own group as the root, under whatever name the host has for it.
    @Test
    func aPathOfTheHost() throws {
        let machine = try MadeUpMachine([
            "proc/self/cgroup": "0::/../../elsewhere", "sys/fs/cgroup/cpu.max": "50000 100000",
        ])
        #expect(ControlGroup(machine.files).quota == 0.5)
    }

    @Test
    func noGroups() throws {
        let group = ControlGroup(try MadeUpMachine().files)
        #expect(group.quota == nil && group.memoryLimit == nil && group.processors == nil)
    }
}
