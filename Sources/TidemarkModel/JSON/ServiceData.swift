/// Fields that the model doesn't name, kept as JSON for whoever needs them.
package enum ServiceData {
    /// More than the service's own metadata can hold (1 KB each), and little beside a message of 28 KB.
    package static let maximumBytes = 8192
    /// Stands in the JSON where fields were left out because of the bound.
    package static let truncationMark = "tidemarkTruncated"

    /// The members of an object without those that were read, smallest first as far as they fit.
    package static func of(_ json: JSONValue, without known: Set<String>) -> String? {
        let rest = (json.members ?? [:]).filter { !known.contains($0.key) && $0.value != .null }
        return text(of: rest)
    }

    package static func text(of members: [String: JSONValue]) -> String? {
        guard !members.isEmpty else { return nil }
        var kept: [(name: String, text: [UInt8])] = members.map { ($0.key, $0.value.bytes) }
            .sorted { (size(of: $0), $0.name) < (size(of: $1), $1.name) }
        var room = maximumBytes - 64
        let end = kept.firstIndex { member in
            room -= size(of: member)
            return room < 0
        }
        if let end {
            kept.removeSubrange(end...)
            kept.removeAll { $0.name == truncationMark }
            kept.append((truncationMark, JSONValue.bool(true).bytes))
        }
        return JSONValue.object(ofTexts: kept)
    }

    private static func size(of member: (name: String, text: [UInt8])) -> Int {
        member.name.utf8.count + member.text.count + 4
    }
}
