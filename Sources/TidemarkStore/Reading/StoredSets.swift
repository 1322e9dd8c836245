internal import GRDB
package import TidemarkModel

/// A set of a conversation that is read by offset (R23).
package enum RemoteSet: String, Hashable, Sendable {
    case participants
    case receipts
}

/// What comes next of a set that is to be read.
package enum SetStep: Hashable, Sendable {
    case done
    case later(Timestamp)
    case read(PlannedRead)
}

extension MessageStore {
    /// Who is in a conversation as far as the service has told, without what is still to be done.
    package func storedParticipants(in conversation: ConversationID) throws -> [ParticipantID: Participant] {
        try read { db in
            let rows = try db.all(
                "SELECT participant, displayName, role FROM participant WHERE conversation = ? AND isPresent = 1",
                [conversation.number]
            ) { columns in
                Participant(
                    id: ParticipantID(try columns[0] as String), displayName: try columns[1], role: try columns[2])
            }
            return Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
        }
    }

    /// How far each has read as far as the service has told.
    package func storedReceipts(in conversation: ConversationID) throws -> [ParticipantID: Receipt] {
        try read { db in
            let rows = try db.all(
                "SELECT participant, message, readAt FROM receipt WHERE conversation = ?", [conversation.number]
            ) { columns in
                Receipt(
                    participant: ParticipantID(try columns[0] as String), message: RemoteMessageID(try columns[1] as String),
                    readAt: Timestamp(milliseconds: try columns[2]))
            }
            return Dictionary(rows.map { ($0.participant, $0) }) { first, _ in first }
        }
    }

    /// Has a set read again, from its beginning.
    package func askForSet(_ set: RemoteSet, of conversation: ConversationID) throws {
        try write(.normal, touching: .nothing) { db in
            try db.execute(
                cached: """
                    INSERT INTO setRead (conversation, kind) VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET isStale = 1, dueAt = 0, skip = NULL, members = NULL, begunStart = NULL
                    """, arguments: [conversation.number, set.rawValue])
        }
    }

    /// The next read of a set that was asked for.
    package func planSet(
        _ set: RemoteSet, of conversation: ConversationID, _ scope: Scope, _ moment: Moment
    ) throws -> SetStep {
        try write(.normal, touching: .nothing) { db in
            guard let row = try SetReadRow.of(set.rawValue, conversation.number, db), row.isStale,
                let remote = try ConversationRow.fetchOne(db, id: conversation.number)?.remoteID
            else { return .done }
            let dueAt = Gate.set.opening(row.dueAt, scope, moment)
            guard dueAt <= moment.now.milliseconds else { return .later(Timestamp(milliseconds: dueAt)) }
            var planner = Planner(scope: scope, moment: moment, db: db, busy: [], limit: 1)
            let target = Planner.Target(id: conversation, remote: RemoteConversationID(remote), skip: row.skip)
            let perPage = max(2, scope.configuration.resultsPerPage ?? scope.traits.setPageSize)
            switch set {
            case .participants:
                try planner.add(
                    .participants(conversation), .participants, of: target, .participants(in: target.remote), skip: row.skip,
                    perPage: perPage)
            case .receipts:
                try planner.add(
                    .receipts(conversation), .receipts, of: target, .receipts(in: target.remote), skip: row.skip, perPage: perPage
                )
            }
            return planner.reads.first.map { .read($0) } ?? .done
        }
    }

    /// A read of the conversation itself.
    package func planDetails(of conversation: ConversationID, _ scope: Scope, _ moment: Moment) throws -> PlannedRead? {
        try write(.normal, touching: .nothing) { db in
            guard let remote = try ConversationRow.fetchOne(db, id: conversation.number)?.remoteID else { return nil }
            var planner = Planner(scope: scope, moment: moment, db: db, busy: [], limit: 1)
            let target = Planner.Target(id: conversation, remote: RemoteConversationID(remote))
            try planner.add(.details(conversation), .details, of: target, .conversation(target.remote), perPage: nil)
            return planner.reads.first
        }
    }
}
