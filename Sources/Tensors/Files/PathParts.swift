/// The parts of paths. `NSString`'s own end the program at a path of one letter (Swift 6.3.1).
extension String {
    /// The folder of a path as far as the path says one: "a" of "a/b" and of "a/", "/" of "/b", "" of "b".
    package var pathFolder: String {
        guard let slash = lastIndex(of: "/") else { return "" }
        return slash == startIndex ? "/" : String(self[..<slash])
    }

    /// What follows a path's last slash: "b" of "a/b", "" of "a/".
    package var pathName: String { lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self }

    /// A path without its name's extension: "a.b/c" of "a.b/c.d"; the same where the name has none.
    package var pathWithoutExtension: String {
        guard let dot = pathName.lastIndex(of: "."), dot > pathName.startIndex else { return self }
        return String(dropLast(pathName[dot...].count))
    }
}
