import CaffeProto

extension NetParameter {
    /// The same net for the phase TEST without its Dropout layers, which there hand on what they get.
    var withoutDropout: NetParameter {
        var renamed: [String: String] = [:]
        var result = self
        result.layer = layer.enumerated().compactMap { index, original in
            var layer = original
            layer.bottom = original.bottom.map { renamed[$0] ?? $0 }
            let isInPlace = original.top.first.map(original.bottom.contains) ?? false
            layer.top = isInPlace ? original.top.map { renamed[$0] ?? $0 } : original.top
            guard layer.type == "Dropout", let top = original.top.first, let bottom = layer.bottom.first else {
                return layer
            }
            if isInPlace { return nil }
            // What works in place on the top must not change what others read of the bottom.
            let readers = self.layer.enumerated().filter { $0.offset != index && $0.element.bottom.contains(bottom) }
            let changes = self.layer[(index + 1)...].contains { $0.top.contains(top) }
            guard readers.isEmpty || !changes else { return layer }
            renamed[top] = bottom
            return nil
        }
        return result
    }
}
