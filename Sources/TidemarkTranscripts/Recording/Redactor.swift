import Foundation

/// Takes out of a recording what must not leave the machine: secrets always, what people wrote unless it is asked for.
///
/// Equal texts become equal placeholders, so that what compared equal still does. Ids, times and tokens of intents stay: they
/// are what a recording is for.
struct Redactor: Sendable {
    let keepsText: Bool
    private var placeholders: [String: String] = [:]

    private static let written: Set<String> = [
        "content", "displayName", "message", "senderDisplayName", "senderName", "text", "topic",
    ]
    private static let secret: Set<String> = ["accesskey", "accesstoken", "authorization", "password", "refreshtoken", "secret"]
    /// Parameters of an address that may grant something: these, and those that end like one of the last.
    private static let signatures = ["sig", "signature", "token", "accesstoken", "key", "code", "jwt", "access_token"]
    /// `X-Goog-Signature`, `X-Amz-Credential`. What ends in `token` may be a mark of a page, which a replay needs.
    private static let signatureEndings = ["signature", "credential", "security-token"]

    init(keepsText: Bool) {
        self.keepsText = keepsText
    }

    mutating func text(_ text: String) -> String {
        keepsText || text.isEmpty ? text : placeholder(text, "text")
    }

    private mutating func placeholder(_ text: String, _ kind: String) -> String {
        if let known = placeholders[kind + text] { return known }
        let new = "\(kind)-\(placeholders.count + 1)"
        placeholders[kind + text] = new
        return new
    }

    /// JSON that came from or went to the service, or that the store keeps.
    mutating func json(_ value: JSON, under key: String? = nil) -> JSON {
        switch value {
        case .object(let object):
            // An error's words are the service's.
            let isError = object["code"] != nil
            var redacted: [String: JSON] = [:]
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                if Self.secret.contains(name.lowercased()) {
                    redacted[name] = .text("redacted")
                } else if name == "metadata", let metadata = value.object {
                    redacted[name] = .object(self.metadata(metadata))
                } else {
                    redacted[name] = json(value, under: isError && name == "message" ? nil : name)
                }
            }
            return .object(redacted)
        case .list(let list):
            return .list(list.map { json($0, under: key) })
        case .text(let text):
            if let key, Self.written.contains(key) { return .text(self.text(text)) }
            return .text(text.contains("://") ? address(text) : text)
        default:
            return value
        }
    }

    /// A caller's own keys stay, and what they hold goes; what the engine writes stays.
    private mutating func metadata(_ metadata: [String: JSON]) -> [String: JSON] {
        var redacted: [String: JSON] = [:]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            redacted[name] = name.hasPrefix("tidemark") ? value : value.text.map { .text(text($0)) } ?? value
        }
        return redacted
    }

    /// JSON inside a text, as columns hold it.
    mutating func jsonText(_ text: String) -> String {
        guard let value = try? JSON(bytes: text.utf8) else { return self.text(text) }
        return json(value).line
    }

    private static func grants(_ name: String) -> Bool {
        signatures.contains(name) || signatureEndings.contains { name.hasSuffix($0) }
    }

    /// An address without what grants something; the same one gives the same, so that a `nextLink` still leads on.
    mutating func address(_ text: String) -> String {
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2 else { return text }
        let items = halves[1].split(separator: "&").map { item -> String in
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2, Self.grants(pair[0].lowercased()) else { return String(item) }
            return pair[0] + "=" + placeholder(pair[1], "secret")
        }
        return halves[0] + "?" + items.joined(separator: "&")
    }
}
