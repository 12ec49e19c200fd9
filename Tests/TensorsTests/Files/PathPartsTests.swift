import Tensors
import Testing

struct PathPartsTests {
    @Test(
        arguments: [
            ("b", "", "b"), ("a/b", "a", "b"), ("/b", "/", "b"), ("/a/b.c", "/a", "b.c"), ("a/", "a", ""), ("", "", ""),
            ("long", "", "long"),
        ] as [(String, String, String)])
    func partsOfAPath(path: String, folder: String, name: String) {
        #expect(path.pathFolder == folder)
        #expect(path.pathName == name)
    }

    @Test(
        arguments: [
            ("s", "s"), ("s.prototxt", "s"), ("a.b/c.d.e", "a.b/c.d"), ("a.b/c", "a.b/c"), (".s", ".s"), ("", ""),
        ] as [(String, String)])
    func withoutExtension(path: String, rest: String) { #expect(path.pathWithoutExtension == rest) }
}
