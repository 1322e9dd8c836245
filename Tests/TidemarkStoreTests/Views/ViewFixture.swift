import GRDB
import TidemarkModel

@testable import TidemarkStore

/// A store in memory with one account, filled by hand: views are tested on rows, whoever wrote them.
struct ViewFixture {
    let store: MessageStore
    let account: AccountView

    init(store: MessageStore? = nil) throws {
        self.store = try store ?? MessageStore.inMemory()
        account = try self.store.addAccount("me", service: "azure", identity: "8:me", at: Timestamp(milliseconds: 1))
    }

    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try store.write(.normal) { db in try db.execute(sql: sql, arguments: arguments) }
    }

    /// Read to its beginning unless told otherwise.
    func conversation(
        _ remoteID: String? = "19:trip", topic: String = "Trip", coverage: [ClosedRange<Int64>] = [0...1000],
        bottom: String? = "first", isRead: Bool = true, account other: AccountView? = nil
    ) throws -> ConversationID {
        try store.write(.normal) { db in
            var row = ConversationRow(account: (other ?? account).id, remoteID: remoteID, topic: topic)
            row.bottom = bottom
            if isRead {
                row.closedStart = 1
                row.closedAt = 5000
            }
            try row.insert(db)
            for interval in coverage {
                try db.execute(
                    sql: "INSERT INTO coverage (conversation, low, high) VALUES (?, ?, ?)",
                    arguments: [row.id, interval.lowerBound, interval.upperBound])
            }
            return ConversationID(row.id ?? 0)
        }
    }

    /// An observed message; its remote id is its place.
    @discardableResult
    func message(
        _ conversation: ConversationID, at place: Int64, _ text: String = "hello", isOwn: Bool = false,
        _ change: (inout MessageRow) -> Void = { _ in }
    ) throws -> MessageID {
        var row = MessageRow(conversation: conversation.number, remoteID: "\(place)", sort: place, place: place)
        row.version = place
        row.sequence = place
        row.source = Merge.Source.page.rawValue
        row.kind = "text"
        row.text = text
        row.isOwn = isOwn
        row.sender = isOwn ? "8:me" : "8:ann"
        row.createdAt = place
        change(&row)
        return try store.write(.normal) { db in
            try row.insert(db)
            return MessageID(row.id ?? 0)
        }
    }

    /// A message that was written here and not yet observed, with the intent that sends it.
    func unsent(
        _ conversation: ConversationID, _ text: String, token: String, state: IntentRow.State = .queued, reason: String? = nil
    ) throws -> (message: MessageID, intent: IntentID) {
        let intent = try intent(
            .send, conversation, token: token, state: state, body: IntentBody(message: OutgoingMessage(text))
        ) { $0.reason = reason }
        var row = MessageRow(conversation: conversation.number, sort: MessageRow.tail + intent.number)
        row.kind = "text"
        row.text = text
        row.isOwn = true
        row.sender = "8:me"
        row.createdAt = 9000
        row.token = token
        let message = try store.write(.normal) { db in
            try row.insert(db)
            try db.execute(sql: "UPDATE intent SET message = ? WHERE id = ?", arguments: [row.id, intent.number])
            return MessageID(row.id ?? 0)
        }
        return (message, intent)
    }

    @discardableResult
    func intent(
        _ verb: Verb, _ conversation: ConversationID, message: MessageID? = nil, token: String, state: IntentRow.State = .queued,
        body: IntentBody = IntentBody(), _ change: (inout IntentRow) -> Void = { _ in }
    ) throws -> IntentID {
        var row = IntentRow(
            account: account.id, conversation: conversation.number, message: message?.number, verb: verb, token: token,
            body: try body.json(), state: state, createdAt: 7000)
        change(&row)
        return try store.write(.normal) { db in
            try row.insert(db)
            return IntentID(row.id ?? 0)
        }
    }

    func texts(_ conversation: ConversationID) throws -> [String?] {
        try account.timeline(of: conversation).get().entries.map(\.text)
    }
}
