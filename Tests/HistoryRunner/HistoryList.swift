import Foundation
import Histories

/// Histories that are always played: a service, a seed and a number of steps on each line; `#` begins a remark.
struct HistoryList {
    var histories: [History] = []

    init(contentsOf path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ")
            guard !words.isEmpty else { continue }
            guard words.count == 3, let place = History.Place(rawValue: String(words[0])), let seed = UInt64(words[1]),
                let steps = Int(words[2]), (1..<1_000_000).contains(steps)
            else { throw Malformed(line: number + 1, path: path) }
            histories.append(History(place, seed: seed, steps: steps))
        }
    }

    struct Malformed: Error, CustomStringConvertible {
        var line: Int
        var path: String
        var description: String { "\(path), line \(line): write a service, a seed and a number of steps, like `azure 17 500`." }
    }
}
