/// A value of a view with files somewhere in it. Rows know the names of copies; where those are, the store does.
protocol HoldsAttachments {
    func placed(in shelf: FileShelf) -> Self
}

extension TimelineEntry: HoldsAttachments {
    func placed(in shelf: FileShelf) -> TimelineEntry {
        guard !attachments.isEmpty else { return self }
        var placed = self
        placed.attachments = attachments.placed(in: shelf)
        return placed
    }
}

extension Timeline: HoldsAttachments {
    func placed(in shelf: FileShelf) -> Timeline {
        guard entries.contains(where: { !$0.attachments.isEmpty }) else { return self }
        var placed = self
        placed.entries = entries.map { $0.placed(in: shelf) }
        return placed
    }
}

extension MessageView: HoldsAttachments {
    func placed(in shelf: FileShelf) -> MessageView {
        var placed = self
        placed.entry = entry.placed(in: shelf)
        return placed
    }
}

extension ConversationView: HoldsAttachments {
    func placed(in shelf: FileShelf) -> ConversationView {
        var placed = self
        placed.lastMessage = lastMessage?.placed(in: shelf)
        return placed
    }
}

extension [ConversationView]: HoldsAttachments {
    func placed(in shelf: FileShelf) -> [ConversationView] {
        guard contains(where: { $0.lastMessage?.attachments.isEmpty == false }) else { return self }
        return map { $0.placed(in: shelf) }
    }
}
