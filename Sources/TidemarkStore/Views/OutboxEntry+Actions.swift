internal import GRDB
internal import TidemarkModel

extension OutboxEntry {
    /// What a person can do with an intent as it stands: each of these is accepted.
    static func actions(_ intent: OpenIntent, reason: ParkReason?) -> [ParkReason.Action] {
        switch intent.state {
        case .parked: actions(forParked: intent.row, reason)
        case .inDoubt where intent.row.asks: [.resolve, .skip, .discard].filter { $0 != .skip || !intent.row.isSkipped }
        case .queued, .waiting:
            (hasText(intent.row.verb) ? [.edit] : []) + [.discard] + (reason?.actions.filter { $0 == .newCredential } ?? [])
        default: []
        }
    }

    private static func actions(forParked row: IntentRow, _ reason: ParkReason?) -> [ParkReason.Action] {
        // A later version may park for reasons that this one does not know.
        let named = reason?.actions.filter { $0 != .newCredential } ?? []
        // What asks is in doubt, and not parked: of what is, only a conflict has an answer.
        let isConflict = reason == .conflict && row.verb == .edit
        return (named.isEmpty ? [.retry, .skip, .discard] : named).map { $0 == .resolve && !isConflict ? .retry : $0 }
            .filter { action in
                switch action {
                case .edit: hasText(row.verb)
                // What only its lane holds is not what others wait for.
                case .skip: row.state == .parked && !row.isSkipped
                default: true
                }
            }
    }

    private static func hasText(_ verb: Verb) -> Bool {
        verb == .send || verb == .edit
    }

    // MARK: What stands against what

    /// A damaged body says nothing.
    static func said(_ row: IntentRow) -> String? {
        switch row.verb {
        case .send: (try? row.decodedBody)?.message?.text
        case .edit: (try? row.decodedBody).flatMap { $0.text ?? $0.message?.text }
        case .createConversation, .rename: (try? row.decodedBody)?.topic
        default: nil
        }
    }

    /// Of several copies the one that was changed last: against that one an edit stands (R5, R7).
    static func observed(_ row: IntentRow, _ db: Database) throws -> Observed? {
        guard row.verb == .edit, let message = try MessageRow.fetchOne(db, id: row.message) else { return nil }
        let seen = try Outbox.copies(of: message, db).filter { $0.version != nil }
        guard let copy = seen.max(by: { ($0.version ?? 0) < ($1.version ?? 0) }) else { return nil }
        return Observed(
            text: copy.deletedAt == nil && !copy.isUnreadable ? copy.text : nil,
            kind: MessageKind(rawValue: copy.kind ?? MessageKind.text.rawValue), version: copy.version,
            editedAt: copy.editedAt.map(Timestamp.init(milliseconds:)))
    }
}
