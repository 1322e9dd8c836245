import TidemarkModel

extension JSONValue {
    /// The text under one of these names, which must be there and not be empty.
    func required(_ names: String..., of item: String) throws(MalformedItem) -> String {
        for name in names {
            if let text = self[name]?.text, !text.isEmpty { return text }
        }
        throw MalformedItem(id: self["id"]?.text, reason: "The \(item) has no \(names[0]).")
    }

    /// The participant under one of these names.
    func identifier(_ names: String...) -> CommunicationIdentifier? {
        for name in names {
            if let identifier = CommunicationIdentifier(json: self[name]) { return identifier }
        }
        return nil
    }

    /// The time under this name: absent is `nil`, and present but unreadable is malformed.
    func timestamp(_ name: String, of item: String) throws(MalformedItem) -> Timestamp? {
        guard let value = self[name] else { return nil }
        guard let time = value.text.flatMap({ Timestamp(rfc3339: $0) }) else {
            throw MalformedItem(id: self["id"]?.text, reason: "The \(item)'s \(name) is no time.")
        }
        return time
    }

    /// The whole number under this name: absent is `nil`, and present but unreadable is malformed.
    func number(_ name: String, of item: String) throws(MalformedItem) -> Int64? {
        guard let value = self[name] else { return nil }
        guard let number = value.integer else {
            throw MalformedItem(id: self["id"]?.text, reason: "The \(item)'s \(name) is no whole number.")
        }
        return number
    }
}
