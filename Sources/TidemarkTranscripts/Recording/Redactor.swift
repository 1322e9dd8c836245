import Foundation
import TidemarkStore

/// Takes out of a recording what must not leave the machine: secrets always, what people wrote unless it is asked for.
///
/// Equal texts become equal placeholders, so that what compared equal still does. Ids, times and tokens of intents stay: they
/// are what a recording is for.
struct Redactor: Sendable {
    let keepsText: Bool
    /// Where texts travel as markup: what is read of one. Equal are then the words that a reader sees, as the engine compares them.
    private let reading: (@Sendable (String) -> RecordedBody)?
    private var placeholders: [String: String] = [:]

    private static let written: Set<String> = [
        "content", "displayName", "message", "senderDisplayName", "senderName", "text", "topic",
    ]
    /// Of services whose texts travel as markup, beside them: names of files, and what a user's own entry says.
    private static let writtenBeside: Set<String> = ["bodyText", "description", "displayname", "name", "title", "username"]
    private static let secret: Set<String> = ["accesskey", "accesstoken", "authorization", "password", "refreshtoken", "secret"]
    /// Parameters of an address that may grant something: these, and those that end like one of the last.
    private static let signatures = ["sig", "signature", "token", "accesstoken", "key", "code", "jwt", "access_token"]
    /// `X-Goog-Signature`, `X-Amz-Credential`. What ends in `token` may be a mark of a page, which a replay needs.
    private static let signatureEndings = ["signature", "credential", "security-token"]

    init(keepsText: Bool, reading: (@Sendable (String) -> RecordedBody)? = nil) {
        self.keepsText = keepsText
        self.reading = reading
    }

    mutating func text(_ text: String, isHTML: Bool = false) -> String {
        guard !keepsText, !text.isEmpty else { return text }
        guard reading != nil else { return placeholder(text, "text") }
        let plain = placeholder(SameText.words(of: text), "text")
        // What has markup has some afterwards: it decides of which kind a message is.
        return isHTML ? "<b>\(plain)</b>" : plain
    }

    private mutating func placeholder(_ text: String, _ kind: String) -> String {
        if let known = placeholders[kind + text] { return known }
        let new = "\(kind)-\(placeholders.count + 1)"
        placeholders[kind + text] = new
        return new
    }

    /// JSON that the store or its views hold.
    mutating func json(_ value: JSON, under key: String? = nil, isHTML: Bool = false) -> JSON {
        switch value {
        case .object(let object):
            // An error's words are the service's.
            let isError = object["code"] != nil
            let isHTML = object["kind"].map { $0.text == "html" } ?? isHTML
            var redacted: [String: JSON] = [:]
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                if Self.secret.contains(name.lowercased()) {
                    redacted[name] = .text("redacted")
                } else if name == "metadata", let metadata = value.object {
                    redacted[name] = .object(self.metadata(metadata))
                } else {
                    redacted[name] = json(value, under: isError && name == "message" ? nil : name, isHTML: isHTML)
                }
            }
            return .object(redacted)
        case .list(let list):
            return .list(list.map { json($0, under: key, isHTML: isHTML) })
        case .text(let text):
            if let key, Self.written.contains(key) || (reading != nil && Self.writtenBeside.contains(key)) {
                return .text(self.text(text, isHTML: isHTML && key == "text"))
            }
            return .text(text.contains("://") ? address(text) : text)
        default:
            return value
        }
    }

    /// JSON that went to the service or came from it, and what is kept of it as it came.
    mutating func wire(_ value: JSON, under key: String? = nil) -> JSON {
        guard let reading else { return json(value, under: key) }
        switch value {
        case .object(let object):
            var redacted: [String: JSON] = [:]
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                // Who is asked in is an id, or an address of mail.
                let isID = name == "invitee" && object["inviteeType"]?.text == "userId"
                redacted[name] = isID ? value : wire(value, under: name)
            }
            return .object(redacted)
        case .list(let list):
            return .list(list.map { wire($0, under: key) })
        case .text(let text):
            guard let key, Self.structure.contains(key) else {
                if key.map({ Self.secret.contains($0.lowercased()) }) == true { return .text("redacted") }
                guard key == "bodyText", !keepsText else { return .text(self.text(text)) }
                switch reading(text) {
                case .text(let plain): return .text(self.text(plain))
                case .html(let body): return .text(self.text(body, isHTML: true))
                }
            }
            return .text(text.contains("://") ? address(text) : text)
        default:
            return value
        }
    }

    /// What says how things hang together, where services add fields of their own to everything: all others may be what people
    /// wrote, or who they are. Avaya Spaces' names (wire page §3 to §5).
    private static let structure: Set<String> = [
        "_id", "id", "member", "messageId", "topicId", "cid", "fileId", "fileKey", "thumbnailFile", "parentMsg", "nextRefObjId",
        "prevRefObjId", "deletedMessages", "notFoundMmessages", "type", "aType", "category", "memberType", "inviteeType", "role",
        "topicType", "fileType", "provider", "providerFileType", "Content-Type", "restrict", "code", "created", "modified",
        "joinTime", "readTime", "messagesLastReadTime", "lastupdatetime", "version", "nextPageUrl", "prevPageUrl",
        "previousPageUrl", "from", "to", "pageToken", "pageref", "url", "path",
    ]

    /// A caller's own keys stay, and what they hold goes; what the engine writes stays.
    private mutating func metadata(_ metadata: [String: JSON]) -> [String: JSON] {
        var redacted: [String: JSON] = [:]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            redacted[name] = name.hasPrefix("tidemark") ? value : value.text.map { .text(text($0)) } ?? value
        }
        return redacted
    }

    /// JSON inside a text, as columns hold it.
    mutating func jsonText(_ text: String, isHTML: Bool = false) -> String {
        guard let value = try? JSON(bytes: text.utf8) else { return self.text(text) }
        return json(value, isHTML: isHTML).line
    }

    /// The same of what a service said and nobody models.
    mutating func wireText(_ text: String) -> String {
        guard let value = try? JSON(bytes: text.utf8) else { return self.text(text) }
        return wire(value).line
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
