internal import GRDB
public import TidemarkModel

/// Ids as people write them: a local id, a remote id, or an unambiguous prefix of either. An exact match wins.
///
/// Each throws `notFound`, or `ambiguous` with the candidates.
extension AccountView {
    /// `c3`, a remote id or a prefix.
    public func resolveConversation(_ text: String) throws -> ConversationID {
        try store.read { [key] db in try Self.conversation(text, key, db) }
    }

    /// `m12`, a remote id, a prefix, or any of them behind a conversation and a slash. A folded copy answers with the
    /// message that is shown.
    public func resolveMessage(_ text: String) throws -> MessageID {
        try store.read { [key] db in
            let found = try Self.message(text, key, db)
            return MessageID(try Fold.shown(for: found.number, db))
        }
    }

    /// `i45`, a token or a prefix.
    public func resolveIntent(_ text: String) throws -> IntentID {
        try store.read { [key] db in
            let names = Names(
                what: "intent", sql: "SELECT id, token AS remote FROM intent WHERE account = :account", column: "token",
                arguments: [("account", key.id)])
            return IntentID(try names.resolve(text, letter: IntentID.letter, db))
        }
    }

    private static func conversation(_ text: String, _ key: AccountKey, _ db: Database) throws -> ConversationID {
        let names = Names(
            what: "conversation", sql: "SELECT id, remoteID AS remote FROM conversation WHERE account = :account",
            column: "remoteID", arguments: [("account", key.id)])
        return ConversationID(try names.resolve(text, letter: ConversationID.letter, db))
    }

    private static func message(_ text: String, _ key: AccountKey, _ db: Database) throws -> MessageID {
        var names = Names(
            what: "message",
            sql: """
                SELECT m.id, m.remoteID AS remote, m.conversation FROM message m JOIN conversation c ON c.id = m.conversation
                WHERE c.account = :account AND m.sort IS NOT NULL
                """, column: "m.remoteID", idColumn: "m.id", arguments: [("account", key.id)])
        guard let slash = text.lastIndex(of: "/") else {
            return MessageID(try names.resolve(text, letter: MessageID.letter, db))
        }
        let conversation = try conversation(String(text[..<slash]), key, db)
        names.sql += " AND m.conversation = :conversation"
        names.arguments.append(("conversation", conversation.number))
        return MessageID(try names.resolve(String(text[text.index(after: slash)...]), letter: MessageID.letter, db))
    }
}

/// Rows that can be named by a local number or by a text of the service's.
private struct Names {
    /// The most candidates that an error lists.
    private static let limit = 10

    var what: String
    var sql: String
    /// The text column, and the number's, as the statement calls them.
    var column: String
    var idColumn = "id"
    var arguments: [(name: String, value: (any Bindable)?)]

    private struct Found {
        var id: Int64
        var remote: String?
    }

    func resolve(_ text: String, letter: Character, _ db: Database) throws -> Int64 {
        guard !text.isEmpty else { throw StoreError(.invalidArgument, "The id of the \(what) is empty.") }
        if let number = Self.number(text, letter) {
            let exact = try rows("\(idColumn) = :number", ("number", number), db)
            if let row = exact.first { return row.id }
        }
        let exact = try rows("\(column) = :text", ("text", text), db)
        if !exact.isEmpty { return try single(exact, letter, text) }
        let byRemote = try rows("\(column) >= :text AND \(column) < :text || char(1114111)", ("text", text), db)
        let byNumber =
            Self.number(text, letter) == nil
            ? [] : try rows("'\(letter)' || \(idColumn) LIKE :text || '%'", ("text", text), db)
        let known = Set(byRemote.map(\.id))
        return try single(byRemote + byNumber.filter { !known.contains($0.id) }, letter, text)
    }

    private static func number(_ text: String, _ letter: Character) -> Int64? {
        guard text.first == letter, text.dropFirst().allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return Int64(text.dropFirst())
    }

    private func rows(
        _ condition: String, _ one: (name: String, value: (any Bindable)?), _ db: Database
    ) throws -> [Found] {
        try db.all(
            "\(sql) AND (\(condition)) ORDER BY \(idColumn) LIMIT \(Self.limit)", Arguments(named: arguments + [one])
        ) { Found(id: try $0[0], remote: try $0[1]) }
    }

    private func single(_ rows: [Found], _ letter: Character, _ text: String) throws -> Int64 {
        guard let first = rows.first else {
            throw StoreError(.notFound, "There is no \(what) \(Self.shortened(text)) in this account.")
        }
        guard rows.count == 1 else {
            let candidates = rows.map { row in
                let id = "\(letter)\(row.id)"
                return row.remote.map { "\(id) (\($0))" } ?? id
            }
            throw StoreError(
                .ambiguous, "\(Self.shortened(text)) can mean several \(what)s; write more of it or a local id.",
                candidates: candidates)
        }
        return first.id
    }

    /// A pasted text of any length must not fill a terminal.
    private static func shortened(_ text: String) -> String {
        text.count > 80 ? "\(text.prefix(80))…" : text
    }
}
