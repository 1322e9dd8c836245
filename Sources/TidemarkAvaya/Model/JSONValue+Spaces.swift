import TidemarkModel

extension JSONValue {
    /// The id of an object, or one that stands there as bare text.
    var objectID: String? {
        let text = members == nil ? text : self["_id", "id"]?.text
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Text that says something; empty is nothing.
    func words(_ names: String...) -> String? {
        for name in names {
            if let text = self[name]?.text, !text.isEmpty { return text }
        }
        return nil
    }

    /// RFC 3339, or milliseconds since 1970.
    var moment: Timestamp? {
        switch self {
        case .string(let text):
            Timestamp(rfc3339: text) ?? Int64(text).map { Timestamp(milliseconds: $0) }
        case .number: integer.map { Timestamp(milliseconds: $0) }
        default: nil
        }
    }

    /// The time under this name: absent is `nil`, and present but unreadable is malformed.
    func moment(_ name: String, of item: String) throws(MalformedItem) -> Timestamp? {
        guard let value = self[name] else { return nil }
        guard let moment = value.moment else {
            throw MalformedItem(id: objectID, reason: "The \(item)'s \(name) is no time.")
        }
        return moment
    }
}

/// An id as the service makes them: 24 hexadecimal digits of which the first 8 are the second of making (wire page, names).
enum ObjectID {
    static func moment(_ id: String) -> Timestamp? {
        guard id.utf8.count == 24, id.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let seconds = Int64(id.prefix(8), radix: 16)
        else { return nil }
        return Timestamp(milliseconds: seconds * 1000)
    }
}
