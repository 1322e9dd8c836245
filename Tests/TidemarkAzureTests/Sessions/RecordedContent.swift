import Foundation
import TidemarkModel

/// What the answers of a session tell, read by Foundation alone: the newest version of every message, everybody who was
/// listed, the greatest mark of every reader.
struct RecordedContent {
    struct Key: Hashable {
        var thread: String
        var id: String
    }

    struct Message {
        var version: Int64
        var sequence: Int64?
        var kind: String
        var text: String?
        var topic: String?
        var sender: String?
        var createdAt: Int64?
        var editedAt: Int64?
        var deletedAt: Int64?
        var metadata: [String: String]
    }

    private(set) var messages: [Key: Message] = [:]
    private(set) var threads: [String: [String: Any]] = [:]
    private(set) var participants: Set<Key> = []
    private(set) var receipts: [Key: Int64] = [:]
    /// How often a message was listed or read.
    private(set) var sightings = 0

    init(_ exchanges: [RecordedExchange]) {
        for exchange in exchanges where exchange.status < 400 {
            guard case .page(let page) = RecordedCall(exchange) else { continue }
            add(page.subject, exchange.responseJSON)
        }
    }

    private mutating func add(_ subject: PageRequest.Subject, _ json: [String: Any]) {
        let list = json["value"] as? [[String: Any]] ?? []
        switch subject {
        case .conversations: for item in list { addThread(item) }
        case .conversation: addThread(json)
        case .messages(let thread): for item in list { add(message: item, thread.rawValue) }
        case .message(_, let thread): add(message: json, thread.rawValue)
        case .participants(let thread):
            for item in list {
                guard let id = Self.id(item["communicationIdentifier"] ?? item["id"]) else { continue }
                participants.insert(Key(thread: thread.rawValue, id: id))
            }
        case .receipts(let thread):
            for item in list {
                guard let id = Self.id(item["senderCommunicationIdentifier"] ?? item["senderId"]) else { continue }
                let key = Key(thread: thread.rawValue, id: id)
                receipts[key] = max(receipts[key] ?? 0, Self.time(item["readOn"]) ?? 0)
            }
        }
    }

    private mutating func addThread(_ json: [String: Any]) {
        guard let id = Self.name(json) else { return }
        threads[id, default: [:]].merge(json) { $1 }
    }

    private mutating func add(message json: [String: Any], _ thread: String) {
        guard let id = Self.name(json), let version = Int64(json["version"] as? String ?? "") else { return }
        sightings += 1
        let key = Key(thread: thread, id: id)
        if let known = messages[key], known.version >= version { return }
        let content = json["content"] as? [String: Any]
        messages[key] = Message(
            version: version, sequence: Int64(json["sequenceId"] as? String ?? ""),
            kind: json["type"] as? String ?? "", text: content?["message"] as? String ?? json["content"] as? String,
            topic: content?["topic"] as? String, sender: Self.id(json["senderCommunicationIdentifier"] ?? json["senderId"]),
            createdAt: Self.time(json["createdOn"]), editedAt: Self.time(json["editedOn"]),
            deletedAt: Self.time(json["deletedOn"]), metadata: json["metadata"] as? [String: String] ?? [:])
    }

    /// Where a recorder replaced all ids by one word, many things look like one and nothing can be compared.
    private static func name(_ json: [String: Any]) -> String? {
        (json["id"] as? String).flatMap { $0.contains("sanitized") ? nil : $0 }
    }

    // MARK: Words for writes

    /// Everybody whose credential made a thread: the user of the session.
    static func creators(_ exchanges: [RecordedExchange]) -> [String] {
        exchanges.compactMap { exchange in
            let thread = exchange.responseJSON["chatThread"] as? [String: Any]
            return id(thread?["createdByCommunicationIdentifier"] ?? thread?["createdBy"])
        }
    }

    static func id(_ value: Any?) -> String? {
        (value as? String) ?? (value as? [String: Any])?["rawId"] as? String
    }

    /// Milliseconds of a time with or without a fraction.
    private static func time(_ value: Any?) -> Int64? {
        guard let text = value as? String else { return nil }
        let style = Date.ISO8601FormatStyle()
        let date = (try? style.parse(text)) ?? (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
        return date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
    }
}
