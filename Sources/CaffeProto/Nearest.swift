/// The known name that a misspelt one most likely stands for, or nil when none is close.
///
/// Case and underscores count nothing ("max_pool" is near "MaxPool"); otherwise at most one edit for every three
/// letters (insert, delete, replace, swap of neighbours) is forgiven. Of equally near ones the first wins.
package func nearest(_ name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = spelling(name)
    guard (1...100).contains(wanted.count) else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let letters = spelling(candidate)
        let limit = (best?.distance).map { $0 - 1 } ?? max(1, min(wanted.count, letters.count) / 3)
        guard abs(wanted.count - letters.count) <= limit else { continue }
        let distance = editDistance(wanted, letters)
        if distance <= limit { best = (candidate, distance) }
        if distance == 0 { break }
    }
    return best?.name
}

/// " (did you mean "X"?)" for the end of a message, or nothing when no candidate is near.
package func didYouMean(_ name: String, in candidates: some Sequence<String>) -> String {
    nearest(name, in: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
}

private func spelling(_ name: String) -> [UInt8] {
    Array(name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") })
}

/// Edits between two words where a swap of neighbours is one ("optimal string alignment").
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
