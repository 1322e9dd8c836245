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
        let sized = members.map { (member: $0, bytes: $0.key.utf8.count + $0.value.serialized.utf8.count + 4) }
            .sorted { ($0.bytes, $0.member.key) < ($1.bytes, $1.member.key) }
        var kept: [String: JSONValue] = [:]
        var room = maximumBytes - 64
        for entry in sized {
            guard entry.bytes <= room else {
                kept[truncationMark] = .bool(true)
                break
            }
            room -= entry.bytes
            kept[entry.member.key] = entry.member.value
        }
        return JSONValue.object(kept).serialized
    }
}
