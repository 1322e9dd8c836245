/// One accepted write of a message, as it was asked for.
public struct AzureChange: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case create, edit, delete
    }

    public var kind: Kind
    /// When it was accepted, in Unix milliseconds: the message's version since then.
    public var version: Int64
    public var sequence: Int64
    /// Who asked for it; `nil` where the service wrote the message itself.
    public var author: String?
    /// The text as it was stored; `nil` where none came along.
    public var content: String?
    /// The keys that came along; `""` takes a key away. A token stands here.
    public var metadata: [String: String] = [:]
    /// A delete that took the metadata with it.
    var dropsMetadata = false
}

extension AzureMessage {
    /// What was sent at first, whatever happened to it since.
    public var firstContent: String { changes.first?.content ?? "" }
    public var firstMetadata: [String: String] { changes.first?.metadata ?? [:] }

    /// Takes an edit or a delete: a new sequence number and a new version, the id stays (recorded).
    mutating func take(_ change: AzureChange) {
        apply(change)
        changes.append(change)
    }

    /// As it was at a time, in Unix milliseconds; `nil` before it was there.
    func copy(at time: Int64) -> AzureMessage? {
        guard version > time else { return self }
        let known = changes.prefix { $0.version <= time }
        guard let first = known.first else { return nil }
        var copy = self
        copy.version = first.version
        copy.sequence = first.sequence
        copy.content = first.content ?? ""
        copy.metadata = first.metadata
        copy.editedAt = nil
        copy.deletedAt = nil
        copy.changes = Array(known)
        for change in known.dropFirst() { copy.apply(change) }
        return copy
    }

    /// Metadata merge: a key that was not sent stays, `""` removes one (recorded).
    private mutating func apply(_ change: AzureChange) {
        version = change.version
        sequence = change.sequence
        switch change.kind {
        case .create: break
        case .edit:
            content = change.content ?? content
            editedAt = change.version
            for (key, value) in change.metadata { metadata[key] = value.isEmpty ? nil : value }
        case .delete:
            content = ""
            editedAt = nil
            deletedAt = change.version
            if change.dropsMetadata { metadata = [:] }
        }
    }
}
