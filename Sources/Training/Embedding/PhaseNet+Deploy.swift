package import CaffeProto
package import Nets

extension PhaseNet {
    /// The towers and the head of this phase's net; errors name the file.
    package func deployed() throws -> DeployNet {
        do {
            return try DeployNet(net)
        } catch let error as NetError {
            throw NetError(layer: error.layer, "\(path): \(error.message)", place: error.place)
        }
    }

    /// A net of some of this one's layers, whose data layers read these lists (or databases) in their order, each sample once and
    /// without chance; an empty name keeps what the layer names.
    package func reading(_ lists: [String], by net: NetParameter) -> PhaseNet {
        var (net, rest) = (net, lists[...])
        for index in net.layer.indices where DataLayers.types.contains(net.layer[index].type) {
            let list = rest.popFirst() ?? ""
            let isDatabase = net.layer[index].type == "Data"
            if isDatabase {
                if !list.isEmpty { net.layer[index].dataParam.source = list }
                net.layer[index].dataParam.shuffle = false
                net.layer[index].dataParam.randSkip = 0
            } else {
                if !list.isEmpty { net.layer[index].imageDataParam.source = list }
                net.layer[index].imageDataParam.shuffle = false
                net.layer[index].imageDataParam.randSkip = 0
            }
            net.layer[index].transformParam.mirror = false
        }
        return replacing(net)
    }
}
