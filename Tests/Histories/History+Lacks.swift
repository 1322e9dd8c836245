/// What can't happen on a service, so that its histories are not asked for it.
extension History.Place {
    func lacks(_ kind: StepKind) -> Bool {
        switch kind {
        // The wire has no call for either.
        case .remove, .deleteConversation: self == .avaya
        case .attach: self != .avaya && self != .feed
        default: false
        }
    }

    func lacks(_ branch: Branch) -> Bool {
        switch branch {
        // Without a token nothing tells a copy from another message.
        case .folded, .tokenTombstone: self == .avaya
        // Nobody is told of it there by a message, and no device can do it.
        case .left, .joined, .conversationGone: self == .avaya
        // Asked so seldom, each conversation has been read by itself before.
        case .together, .togetherCut: self != .feed
        default: false
        }
    }
}
