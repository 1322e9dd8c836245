internal import Foundation
internal import TidemarkModel

/// What a message is after one more observation of it: pure, and the same whatever the order, the repeats and the
/// overlap of the observations (P4, P5, R20).
///
/// The content is the highest version's. Of equal versions each field is merged on its own: present beats absent, a
/// page beats a push. A lower version adds only what no version changes. A tombstone is final.
enum Merge {
    enum Source: Int {
        /// The service's yes to what was sent: nobody has seen it there.
        case acknowledgement = 0
        case push = 1
        case page = 2
    }

    static func merge(
        _ row: MessageRow?, _ remote: RemoteMessage, _ source: Source, conversation: Int64, identities: Set<String>
    ) -> MessageRow {
        var merged = row ?? MessageRow(conversation: conversation)
        merged.remoteID = remote.id.rawValue
        let version = effectiveVersion(of: remote)
        mergeContent(&merged, remote, version, source)
        mergeToken(&merged, remote, version)
        mergeFixed(&merged, remote, isFirst: row?.version == nil)
        mergeTombstone(&merged, remote)
        merged.version = max(merged.version ?? version, version)
        merged.isUnreadable = false
        if let sender = merged.sender { merged.isOwn = identities.contains(sender) }
        if let place = merged.place { merged.sort = place }
        return merged
    }

    /// A copy without a version is as old as its creation.
    static func effectiveVersion(of remote: RemoteMessage) -> Int64 {
        remote.version ?? remote.place ?? 0
    }

    // MARK: The parts

    private static func mergeContent(_ row: inout MessageRow, _ remote: RemoteMessage, _ version: Int64, _ source: Source) {
        let rule: Rule
        switch row.version {
        case .none: rule = .overEcho
        case .some(let known) where version > known: rule = .replace
        case .some(let known) where version < known: return
        case .some: rule = row.source < source.rawValue ? .prefer : row.source > source.rawValue ? .fill : .greater
        }
        row.sequence = rule.pick(row.sequence, remote.sequence)
        row.text = rule.pick(row.text, remote.text)
        row.senderName = rule.pick(row.senderName, remote.senderName)
        row.editedAt = rule.pick(row.editedAt, remote.editedAt?.milliseconds)
        row.editMarker = rule.pick(row.editMarker, remote.editMarker?.rawValue)
        row.metadata = rule.pick(row.metadata, remote.metadata.isEmpty ? nil : json(remote.metadata))
        row.topic = rule.pick(row.topic, remote.topic)
        row.participants = rule.pick(row.participants, remote.participants.isEmpty ? nil : json(remote.participants))
        row.initiator = rule.pick(row.initiator, remote.initiator?.rawValue)
        row.serviceData = rule.pick(row.serviceData, remote.serviceData)
        row.attachments = rule.pick(row.attachments, AttachmentList.json(remote.attachments))
        row.replyTo = rule.pick(row.replyTo, remote.replyTo?.rawValue)
        row.source = rule == .replace ? source.rawValue : max(row.source, source.rawValue)
    }

    /// The token belongs to the send: the lowest version that bore one says it, and no later version erases it.
    static func mergeToken(_ row: inout MessageRow, _ remote: RemoteMessage, _ version: Int64) {
        guard let token = remote.token?.rawValue else { return }
        if let known = row.tokenVersion, let held = row.token, (known, held) <= (version, token) { return }
        row.token = token
        row.tokenVersion = version
    }

    /// What no version changes. Should two sources differ, the greater wins in any order: it is the finer time.
    private static func mergeFixed(_ row: inout MessageRow, _ remote: RemoteMessage, isFirst: Bool) {
        if isFirst {
            // An echo's own values were a guess.
            row.createdAt = remote.createdAt?.milliseconds
            row.kind = remote.kind?.rawValue ?? row.kind
            row.sender = remote.sender?.rawValue ?? row.sender
            row.place = remote.place ?? row.place
        } else {
            row.createdAt = Rule.greater.pick(row.createdAt, remote.createdAt?.milliseconds)
            row.kind = Rule.greater.pick(row.kind, remote.kind?.rawValue)
            row.sender = Rule.greater.pick(row.sender, remote.sender?.rawValue)
            row.place = Rule.greater.pick(row.place, remote.place)
        }
    }

    static func mergeTombstone(_ row: inout MessageRow, _ remote: RemoteMessage) {
        if let deletedAt = remote.deletedAt?.milliseconds {
            // What was only missing before is now told.
            let isFirstTold = row.deletedBy != "observed"
            row.deletedAt = isFirstTold ? deletedAt : min(row.deletedAt ?? deletedAt, deletedAt)
            row.deletedBy = "observed"
        }
        guard row.deletedAt != nil else { return }
        row.text = ""
        row.editedAt = nil
        row.editMarker = nil
        row.metadata = nil
        row.topic = nil
        row.participants = nil
        row.serviceData = nil
        (row.attachments, row.replyTo, row.replyToLocal) = (nil, nil, nil)
    }

    private enum Rule {
        /// A higher version: what it does not say is not there.
        case replace
        /// The first observation of an own message: what it does not say stays as it was written.
        case overEcho
        /// Equal versions, the new source is the better one.
        case prefer
        /// Equal versions, the new source is the lesser one.
        case fill
        /// Equal versions from equal sources.
        case greater

        func pick<Value: Comparable>(_ old: Value?, _ new: Value?) -> Value? {
            switch self {
            case .replace: new
            case .overEcho, .prefer: new ?? old
            case .fill: old ?? new
            case .greater:
                if let old, let new { max(old, new) } else { old ?? new }
            }
        }
    }

    private static func json(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
