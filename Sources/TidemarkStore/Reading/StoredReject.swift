internal import Foundation
internal import GRDB
package import TidemarkModel

/// Something that an earlier decoder could not read (R24).
package struct StoredReject: Hashable, Sendable {
    package let id: Int64
    /// What was being read when it came.
    package let subject: PageRequest.Subject
    package let raw: [UInt8]
    let conversation: ConversationID?
}

extension MessageStore {
    /// How many rejects are decoded again in one transaction.
    package static let rejectBatch = 100

    /// Rejects of an earlier decoder than the service's present one, oldest first, ``rejectBatch`` at most.
    package func rejectsToDecode(_ scope: Scope) throws -> [StoredReject] {
        try read { db in
            try db.all(
                """
                SELECT r.id, r.subject, r.remoteID, r.raw, r.conversation, c.remoteID FROM reject AS r
                LEFT JOIN conversation AS c ON c.id = r.conversation
                WHERE r.account = ? AND r.subject <> '\(Reading.authorshipSubject)' AND CAST(r.decoder AS INTEGER) < ? ORDER BY r.id LIMIT ?
                """, [scope.account, scope.traits.decoderVersion, Self.rejectBatch]
            ) { row in
                let (conversation, remote): (Int64?, String?) = try (row[4], row[5])
                return StoredReject(
                    id: try row[0],
                    subject: .init(try row[1], item: try row[2], in: RemoteConversationID(remote ?? "")),
                    raw: Array(try row[3] as Data), conversation: conversation.map(ConversationID.init))
            }
        }
    }

    /// Merges what the present decoder made of rejects, and marks the others so that it is not asked again.
    ///
    /// What was read is as old as the answer that it came in: it settles nothing and wins over nothing newer.
    package func apply(
        decodedAgain results: [(reject: StoredReject, items: Page.Items?)], _ scope: Scope, _ moment: Moment
    ) throws -> ApplyReport {
        try write(.normal) { db in
            var reading = try Reading(scope, moment, db)
            for (reject, items) in results { try reading.applyDecoded(items, of: reject) }
            try reading.finish()
            return reading.report
        }
    }

    /// The same, where changes are ordered by arrival (R21).
    package func apply(
        arrivalsDecodedAgain results: [(reject: StoredReject, arrival: RemoteArrival?)], _ scope: Scope, _ moment: Moment
    ) throws -> ApplyReport {
        try write(.normal) { db in
            var reading = try Reading(scope, moment, db)
            for (reject, arrival) in results {
                guard let arrival, let conversation = reject.conversation?.number else {
                    try reading.applyDecoded(nil, of: reject)
                    continue
                }
                try reading.forget(reject)
                try reading.receive(arrival, in: conversation, isBelated: true)
            }
            try reading.finish()
            return reading.report
        }
    }
}

extension Reading {
    fileprivate func forget(_ reject: StoredReject) throws {
        try db.execute(cached: "DELETE FROM reject WHERE id = ?", arguments: [reject.id])
    }

    fileprivate mutating func applyDecoded(_ items: Page.Items?, of reject: StoredReject) throws {
        guard let items else {
            return try db.execute(
                cached: "UPDATE reject SET decoder = ? WHERE id = ?",
                arguments: [String(scope.traits.decoderVersion), reject.id])
        }
        try forget(reject)
        if case .conversations(let conversations) = items {
            for item in conversations where !item.id.rawValue.isEmpty { try hear(of: item) }
        }
        guard let id = reject.conversation?.number else { return }
        switch items {
        case .conversations: return
        case .messages(let messages):
            for message in messages { try merge(message, .page, in: id, startNumber: nil) }
            // Where it stands was a gap: a walk that reaches it proves what is around it.
            try db.execute(
                cached: "UPDATE conversation SET closingIsDue = 1 WHERE id = ? AND closedStart >= 0", arguments: [id])
        case .participants:
            // Who was in it then may have left since: the set itself says who is.
            try markStale("participants", of: id)
        case .receipts(let receipts):
            for receipt in receipts { try merge(receipt, in: id) }
        }
    }

    private mutating func hear(of item: RemoteConversation) throws {
        // Topic and times may be old by now: the list is walked anew.
        if try findConversation(item.id) == nil { _ = try insertConversation(item) }
        try db.execute(
            cached: "UPDATE account SET listDueAt = min(listDueAt, ?), listIsSweep = 1 WHERE id = ?",
            arguments: [now, scope.account])
    }
}

extension PageRequest.Subject {
    /// A subject by the name that it is kept under.
    fileprivate init(_ name: String, item: String?, in conversation: RemoteConversationID) {
        self =
            switch name {
            case "messages": .messages(in: conversation)
            case "message": .message(RemoteMessageID(item ?? ""), in: conversation)
            case "participants": .participants(in: conversation)
            case "receipts": .receipts(in: conversation)
            default: .conversations
            }
    }
}
