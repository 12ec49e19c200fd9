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
    /// without chance; no list, or an empty name, keeps what the layer names.
    ///
    /// - Throws: `NetError` where there are not as many lists as data layers.
    package func reading(_ lists: [String], by net: NetParameter) throws -> PhaseNet {
        var (net, rest) = (net, lists[...])
        let layers = DataLayers.all(in: net)
        guard lists.isEmpty || lists.count == layers.count else {
            throw NetError(
                layers.count == 1
                    ? "\(path): layer \(layers[0].name) reads both images of a pair from one place, and two are given; give "
                        + "one database of pairs, as --list1"
                    : "\(path): the towers read \(layers.count) lists; give --list2 too")
        }
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
