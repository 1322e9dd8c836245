import Foundation
import GRDB
import TidemarkModel

@testable import TidemarkStore

extension SessionReplay {
    /// Applies every answer once more: in the order in which it came, or from the last to the first.
    mutating func repeatAll(backwards: Bool) throws {
        var generator = SystemRandomNumberGenerator()
        for (delivery, acceptance) in backwards ? settled.reversed() : settled {
            _ = try store.settle(delivery, .success(acceptance), scope, moment, using: &generator)
        }
        for (page, read) in backwards ? pages.reversed() : pages {
            _ = try store.apply(page, of: read, scope, moment)
        }
    }

    /// All that the store says about the content, row by row; plans, clocks and journals aside.
    func contents() throws -> [String] {
        let queries = [
            """
            SELECT id, conversation, remoteID, sort, place, version, source, sequence, kind, text, sender, senderName, isOwn,
                createdAt, editedAt, deletedAt, deletedBy, token, editMarker, metadata, topic, participants, initiator,
                serviceData, isUnreadable FROM message ORDER BY id
            """,
            """
            SELECT id, remoteID, topic, topicVersion, createdAt, createdBy, deletedAt, membership, serviceData, localHorizon,
                remoteHorizon, unread FROM conversation ORDER BY id
            """,
            "SELECT id, verb, state, message, reason, remoteTarget FROM intent ORDER BY id",
            "SELECT * FROM participant ORDER BY conversation, participant",
            "SELECT * FROM receipt ORDER BY conversation, participant",
            "SELECT * FROM coverage ORDER BY conversation, low",
            "SELECT conversation, remoteID, reason FROM reject ORDER BY id",
        ]
        return try store.read { db in try queries.flatMap { try Row.fetchAll(db, sql: $0).map(\.description) } }
    }
}
