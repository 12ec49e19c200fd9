import CaffeProto
import Tensors

/// Reads the ways in which Caffe lets one say a height and a width.
///
/// One number for both axes (`kernel_size: 3`), height and width (`kernel_size: 3 kernel_size: 5`), or by name
/// (`kernel_h: 3 kernel_w: 5`).
struct AxisSizes {
    let definition: LayerParameter

    /// A repeated field of none, one or two values, or its `_h` and `_w` in its place; nil where nothing is given.
    func read(
        _ name: String, _ values: [UInt32], h: UInt32? = nil, w: UInt32? = nil, atLeast least: Int = 0
    ) throws -> Extent? {
        let stem = name == "kernel_size" ? "kernel" : name
        let size: Extent
        switch (values.count, h, w) {
        case (0, nil, nil): return nil
        case (0, let h?, let w?): size = Extent(height: Int(h), width: Int(w))
        case (0, _, _): throw definition.fault("has only one of \(stem)_h and \(stem)_w; give both")
        case (_, _?, _), (_, _, _?):
            throw definition.fault("has both \(name) and \(stem)_h or \(stem)_w; give one or the other")
        case (1, nil, nil): size = Extent(Int(values[0]))
        case (2, nil, nil): size = Extent(height: Int(values[0]), width: Int(values[1]))
        default: throw definition.fault("has \(values.count) values of \(name); give one, or height and width")
        }
        // C libraries take them as 32-bit numbers.
        let allowed = least...Int(Int32.max)
        guard allowed.contains(size.height), allowed.contains(size.width) else {
            let bound = min(size.height, size.width) < least ? "at least \(least)" : "at most \(allowed.upperBound)"
            throw definition.fault("has \(name) \(size), which must be \(bound)")
        }
        return size
    }
}
