internal import GRDB
internal import TidemarkModel

/// What the outbox does with what is observed. The merge calls these inside its own transaction.
enum Outbox {
    /// The own message that a copy seen for the first time belongs to, by its token: the row to bind the copy to.
    static func echo(of remote: RemoteMessage, in conversation: Int64, _ scope: Scope, _ db: Database) throws -> Int64? {
        nil
    }

    /// A copy was merged. `startNumber` is the number of the request that showed it, `nil` for a push.
    static func observed(
        _ message: MessageRow, startNumber: Int64?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
    }

    /// A walk that began with request `begunStart` at `begunAt` reached the window: what it did not show is not there.
    static func walkClosed(
        conversation: Int64, begunStart: Int64, begunAt: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
    }

    /// A conversation was seen for the first time that no row is bound to. Returns the row of an own create that it
    /// is, if that is proved (R11).
    static func creation(of remote: RemoteConversation, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Int64? {
        nil
    }

    /// A walk over the whole list ended.
    static func listClosed(begunStart: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
    }

    /// The conversation was deleted at the service: its lane parks once (R10).
    static func conversationGone(_ conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
    }
}
