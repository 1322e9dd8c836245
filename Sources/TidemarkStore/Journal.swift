internal import GRDB
internal import TidemarkModel

/// One line of the journal: what happened to whom, and why. Never text, never a secret.
struct JournalEntry {
    var kind: String
    var conversation: Int64?
    var message: Int64?
    var intent: Int64?
    var cause: String?
    var attempt: Int?
    var status: Int?
    var detail: String?
}

extension Database {
    func journal(_ entry: JournalEntry, _ scope: Scope, _ moment: Moment) throws {
        try journal(entry, account: scope.account, moment)
    }

    func journal(_ entry: JournalEntry, account: Int64, _ moment: Moment) throws {
        try execute(
            cached: """
                INSERT INTO journal (at, account, conversation, message, intent, kind, cause, attempt, status, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                moment.now.milliseconds, account, entry.conversation, entry.message, entry.intent, entry.kind, entry.cause,
                entry.attempt, entry.status, entry.detail,
            ])
    }
}
