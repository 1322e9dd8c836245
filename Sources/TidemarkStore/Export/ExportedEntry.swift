internal import TidemarkModel

/// An entry as a reader of a page sees it, before it is escaped.
enum ExportedEntry {
    static func sender(of entry: TimelineEntry, _ names: [ParticipantID: String]) -> String {
        let id = entry.sender ?? entry.initiator
        let known = entry.senderName ?? id.flatMap { names[$0] }
        if let known, !known.isEmpty { return known }
        if entry.isOwn { return "Me" }
        return id?.rawValue ?? "Unknown"
    }

    static func text(of entry: TimelineEntry, _ names: [ParticipantID: String]) -> String {
        if entry.deletedAt != nil { return "This message was deleted." }
        switch entry.kind {
        case .topicUpdated: return "changed the topic to “\(entry.topic ?? entry.text ?? "")”"
        case .participantAdded: return "added \(people(entry, names))"
        case .participantRemoved: return "removed \(people(entry, names))"
        case .unreadable: return "A message that could not be read."
        default: return entry.plainText ?? ""
        }
    }

    static func marks(of entry: TimelineEntry) -> [String] {
        var marks: [String] = []
        if entry.deletedAt != nil { marks.append("deleted") } else if entry.editedAt != nil { marks.append("edited") }
        switch entry.state {
        case .confirmed, .sent, .cancelled: break
        case .inDoubt: marks.append("in doubt")
        default: marks.append("not sent")
        }
        return marks
    }

    static func name(of file: AttachmentView) -> String {
        file.name.flatMap { $0.isEmpty ? nil : $0 } ?? "A file without a name"
    }

    /// `2.4 MB`, by thousands.
    static func size(_ bytes: Int64) -> String {
        var rest = Double(max(0, bytes))
        for unit in ["bytes", "kB", "MB"] {
            if rest < 1000 {
                let isWhole = unit == "bytes" || rest >= 10
                return isWhole ? "\(Int(rest.rounded())) \(unit)" : "\((rest * 10).rounded() / 10) \(unit)"
            }
            rest /= 1000
        }
        return "\((rest * 10).rounded() / 10) GB"
    }

    private static func people(_ entry: TimelineEntry, _ names: [ParticipantID: String]) -> String {
        entry.participants.map { $0.displayName ?? names[$0.id] ?? $0.id.rawValue }.joined(separator: ", ")
    }
}
