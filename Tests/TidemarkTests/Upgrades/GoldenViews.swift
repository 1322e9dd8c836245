import TidemarkModel
import TidemarkStore

/// What the views show of an account, as lines. A store that was upgraded has to show the same.
struct GoldenViews {
    let account: AccountView

    static func text(_ store: MessageStore) throws -> String {
        try store.accounts().map { try GoldenViews(account: try store.account($0.name)).text() }.joined(separator: "\n")
    }

    func text() throws -> String {
        var lines = ["# account \(account.name)"]
        for conversation in try account.conversations(includingDeleted: true).get().sorted(by: { $0.id < $1.id }) {
            lines += ["", line(conversation)]
            lines += try account.timeline(of: conversation.id, limit: 1000).get().entries.map(line)
            if let draft = conversation.draft { lines.append("  draft “\(draft.text)” of \(draft.changedAt.milliseconds)") }
            lines += try account.participants(of: conversation.id).get().map { "  participant \($0.id)" }
            lines += try account.receipts(of: conversation.id).get().map { "  \($0.participant) has read \($0.remoteMessage)" }
            lines += try account.gaps(in: conversation.id).get().map {
                "  gap \($0.kind) \($0.after?.description ?? "…") to \($0.before?.description ?? "…")"
            }
        }
        lines += ["", "## outbox"] + (try account.outbox().get().map(line))
        lines += ["", "## rejects"] + (try account.rejects().get().map { "  \($0.subject) \($0.remoteID ?? "without id")" })
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ conversation: ConversationView) -> String {
        let facts = [
            "\(conversation.unread)\(conversation.unreadAtLeast ? "+" : "") unread", "\(conversation.pending) pending",
            conversation.state.name, conversation.membership.rawValue, conversation.deletedAt == nil ? nil : "deleted",
            conversation.problem.map { "needs a person: \($0.rawValue)" },
        ]
        return "## \(conversation.id) \(conversation.remoteID?.rawValue ?? "unmade") “\(conversation.topic)”: "
            + facts.compactMap { $0 }.joined(separator: ", ")
    }

    private func line(_ entry: TimelineEntry) -> String {
        let content = entry.deletedAt != nil ? "deleted" : entry.topic ?? entry.text.map { "“\($0)”" } ?? "nothing"
        let facts = [
            entry.kind == .text ? nil : entry.kind.rawValue, entry.editedAt == nil ? nil : "edited", entry.state.name,
            entry.problem.map { "needs a person: \($0.rawValue)" },
            entry.intents.isEmpty ? nil : entry.intents.map(\.description).joined(separator: " "),
            entry.remoteReplyTo == nil && entry.replyTo == nil
                ? nil : "answers \(entry.replyTo?.description ?? entry.remoteReplyTo?.rawValue ?? "")",
            entry.attachments.isEmpty ? nil : entry.attachments.map(line).joined(separator: ", "),
        ]
        return "  \(entry.gapBefore ? "~ " : "")\(entry.id) \(entry.sender?.rawValue ?? "nobody"): \(content), "
            + facts.compactMap { $0 }.joined(separator: ", ")
    }

    private func line(_ file: AttachmentView) -> String {
        let facts = [file.name, file.size.map { "\($0) bytes" }, file.file?.rawValue, file.localPath == nil ? nil : "here"]
        return "file \(file.id) \(file.state.rawValue) (\(facts.compactMap { $0 }.joined(separator: "; ")))"
    }

    private func line(_ entry: OutboxEntry) -> String {
        let facts = [
            entry.state.name, entry.reason?.rawValue, entry.asks ? "asks" : nil, entry.isSkipped ? "skipped" : nil,
            entry.message?.description, entry.parent.map { "behind \($0)" }, "\(entry.attempts) attempts", entry.detail,
        ]
        return "  \(entry.intent) \(entry.verb.rawValue) \(entry.conversation) token \(entry.token): "
            + facts.compactMap { $0 }.joined(separator: ", ")
    }
}
