internal import TidemarkModel

/// Merging where the wire has no versions (R21): of two packets about one message the newer is the one with the greater
/// version, and of equal ones the one that arrived later. Each field is a least, a greatest, or the newest packet's, so that
/// no order of applying numbered packets makes a difference (P5).
extension Merge {
    static func arrive(
        _ row: MessageRow?, _ arrival: RemoteArrival, number: Int64, _ source: Source, conversation: Int64,
        identities: Set<String>
    ) -> MessageRow {
        let remote = arrival.message
        var merged = row ?? MessageRow(conversation: conversation)
        merged.remoteID = remote.id.rawValue
        let version = effectiveVersion(of: remote)
        // A repetition of what is known by somebody who saw it is no worse than what nobody saw.
        if merged.version == version { merged.source = max(merged.source, source.rawValue) }
        if isNewer(version, number, than: merged) {
            merged.text = remote.text ?? (row?.version == nil ? row?.text : nil)
            merged.serviceData = remote.serviceData
            merged.editMarker = remote.editMarker?.rawValue
            if merged.version != version { merged.source = source.rawValue }
            (merged.version, merged.sequence) = (version, number)
        }
        merged.place = min(merged.place ?? number, number)
        merged.kind = merged.kind ?? remote.kind?.rawValue ?? MessageKind.text.rawValue
        // Who wrote it is part of its id; only the own name may be known better than the wire tells it.
        merged.sender = merged.sender ?? remote.sender?.rawValue
        merged.senderName = greatest(merged.senderName, remote.senderName)
        merged.createdAt = least(row?.version == nil ? nil : merged.createdAt, remote.createdAt?.milliseconds) ?? merged.createdAt
        mergeToken(&merged, remote, version)
        mergeTombstone(&merged, remote)
        merged.isUnreadable = false
        if let sender = merged.sender, identities.contains(sender) { merged.isOwn = true }
        return merged
    }

    private static func isNewer(_ version: Int64, _ number: Int64, than row: MessageRow) -> Bool {
        guard let known = row.version else { return true }
        return (version, number) > (known, row.sequence ?? -1)
    }

    private static func least(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    private static func greatest(_ one: String?, _ other: String?) -> String? {
        guard let one, let other else { return one ?? other }
        return max(one, other)
    }
}
