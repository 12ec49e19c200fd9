import CaffeProto
import Testing

struct LayerTypesTests {
    @Test(arguments: V1LayerParameter.LayerType.allCases)
    func everyOldTypeHasAName(type: V1LayerParameter.LayerType) {
        let name = LayerTypes.modernName(of: type)
        #expect(name.isEmpty == (type == .none))
        #expect(LayerTypes.v1Name(of: name).flatMap(LayerTypes.modernName(ofV1:)) == name)
    }

    @Test func namesWhatIsNotSpeltAlike() {
        #expect(LayerTypes.modernName(ofV1: "SOFTMAX_LOSS") == "SoftmaxWithLoss")
        #expect(LayerTypes.v1Name(of: "HDF5Data") == "HDF5_DATA")
        #expect(LayerTypes.v1Name(of: "BatchNorm") == nil)
        #expect(LayerTypes.modernName(ofV1: "Convolution") == nil)
    }
}
