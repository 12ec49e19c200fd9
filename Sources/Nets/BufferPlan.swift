import Tensors

/// Lets blobs that are in use at different times of a pass lie in the same memory.
///
/// Time is counted in calls of layers: of n steps the i-th runs forward at i and backward at 2n − 1 − i. Data are in use from
/// the layer that makes them to the last that reads them, in forward or, where `Layer` says that it looks again, in
/// backward; a diff is in use from the backward of the blob's reader to that of its maker.
/// A blob keeps memory of its own if what it holds comes from outside or has to outlive the pass: what data layers put
/// out, the net's outputs, the weight of a loss, a gradient that nobody writes; and if its layout pads it, since padding
/// is written once.
struct BufferPlan {
    /// Data or diffs that are one storage, and when it is in use.
    private struct Tenant {
        var blobs: [(blob: Blob, part: Blob.Part)] = []
        var time: ClosedRange<Int>
        var hasOwnMemory = false

        var count: Int { blobs[0].blob.storageCount }
    }

    /// The memory that many lie in, one after the other.
    private struct Buffer {
        let storage: FloatStorage
        var times: [ClosedRange<Int>] = []

        func takes(_ tenant: Tenant) -> Bool {
            storage.count >= tenant.count && !times.contains { $0.overlaps(tenant.time) }
        }
    }

    private var tenants: [Tenant] = []
    private var numbers: [ObjectIdentifier: Int] = [:]

    /// Moves the blobs of these steps together.
    ///
    /// - Parameters:
    ///   - outputs: whose data are looked at after a pass.
    ///   - buffers: those of another net, no pass of which is under way when this one runs.
    /// - Returns: the buffers in which the blobs lie now, those of the other net first.
    static func apply(to steps: [Net.Step], outputs: [Blob], sharing buffers: [FloatStorage]) -> [FloatStorage] {
        var plan = Self()
        for (index, step) in steps.enumerated() { plan.addForward(step, at: index) }
        for (index, step) in steps.enumerated().reversed() where step.needsBackward {
            plan.addBackward(step, at: 2 * steps.count - 1 - index)
        }
        for blob in outputs { plan.keep(.data, of: blob) }
        return plan.moveTogether(into: buffers)
    }

    // MARK: When what is in use

    private mutating func addForward(_ step: Net.Step, at time: Int) {
        for blob in step.bottom { use(.data, of: blob, at: time) }
        for blob in step.top {
            use(.data, of: blob, at: time, makes: true)
            if step.bottom.isEmpty { keep(.data, of: blob) }
        }
    }

    private mutating func addBackward(_ step: Net.Step, at time: Int) {
        for blob in step.top {
            use(.diff, of: blob, at: time)
            if step.layer.backwardReadsTops { use(.data, of: blob, at: time) }
        }
        for (blob, down) in zip(step.bottom, step.propagateDown) {
            if down { use(.diff, of: blob, at: time, makes: true) }
            if step.layer.backwardReadsBottoms { use(.data, of: blob, at: time) }
        }
    }

    /// - Parameter makes: whether all of it is written here; where the first use makes nothing, it comes from outside.
    private mutating func use(_ part: Blob.Part, of blob: Blob, at time: Int, makes: Bool = false) {
        let number = number(part, of: blob, at: time, makes: makes)
        let known = tenants[number].time
        tenants[number].time = min(known.lowerBound, time)...max(known.upperBound, time)
    }

    private mutating func keep(_ part: Blob.Part, of blob: Blob) {
        guard let number = numbers[blob.identity(of: part)] else { return }
        tenants[number].hasOwnMemory = true
    }

    private mutating func number(_ part: Blob.Part, of blob: Blob, at time: Int, makes: Bool) -> Int {
        let identity = blob.identity(of: part)
        let number = numbers[identity] ?? tenants.count
        if number == tenants.count {
            numbers[identity] = number
            tenants.append(Tenant(time: time...time, hasOwnMemory: !makes || blob.layout.pads(blob.shape)))
        }
        if !tenants[number].blobs.contains(where: { $0.blob === blob }) { tenants[number].blobs.append((blob, part)) }
        return number
    }

    // MARK: Who lies where

    /// Each tenant, the largest first, goes into the first buffer that is free while it is in use.
    private func moveTogether(into given: [FloatStorage]) -> [FloatStorage] {
        var buffers = given.map { Buffer(storage: $0) }
        for tenant in tenants.filter({ !$0.hasOwnMemory }).sorted(by: { $0.count > $1.count }) {
            let free = buffers.firstIndex { $0.takes(tenant) }
            let index = free ?? buffers.count
            if free == nil { buffers.append(Buffer(storage: FloatStorage(count: tenant.count))) }
            buffers[index].times.append(tenant.time)
            for (blob, part) in tenant.blobs { blob.move(part, into: buffers[index].storage) }
        }
        return buffers.map(\.storage)
    }
}
