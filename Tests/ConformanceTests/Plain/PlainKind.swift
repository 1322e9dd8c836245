import TidemarkModel

/// What kind of service the plain one is: how a lost send is settled, and how changes are listed.
enum PlainKind: String, CaseIterable, Sendable {
    case echoed
    case repeatable
    case recognisable
    case blind
    /// The history is by creation, without what was deleted; changes come from a feed beside it.
    case feed

    var traits: ServiceTraits {
        let lost: ServiceTraits.LostAnswer =
            switch self {
            case .echoed, .feed: .echoed
            case .repeatable: .repeatable(for: nil)
            case .recognisable: .recognisable
            case .blind: .blind
            }
        return ServiceTraits(
            service: "plain",
            lostAnswers: [
                .createConversation: self == .recognisable ? .recognisable : .repeatable(for: .seconds(600)), .send: lost,
                .edit: lost, .delete: .repeatable(for: nil),
                .markRead: .repeatable(for: nil), .rename: .recognisable, .addParticipants: .repeatable(for: nil),
                .removeParticipant: .repeatable(for: nil), .deleteConversation: .repeatable(for: nil),
                .upload: .repeatable(for: nil),
            ],
            confirmations: [.send: .observation, .edit: .observation, .delete: .observation],
            changes: self == .feed ? .feed : .listing, listTellsActivity: self != .feed, listsReceipts: true, messagePageSize: 20,
            conversationPageSize: 20, setPageSize: 20, maximumTextBytes: 2_000,
            rates: [ServiceTraits.Rate([.send], per: .lane, count: 12, in: .seconds(30))],
            attachments: AttachmentTraits(maximumBytes: 1 << 20, maximumPerMessage: 2, identifySends: self != .blind),
            replies: true)
    }
}

/// What is wrong with a service, each caught by the check that is meant for it.
enum Defect: String, CaseIterable, Sendable {
    case doublesSends, losesSends, reordersSends, forgetsDeletes, ignoresTokens, echoesNoToken, namesNobody
    case bloatsPages, listsOldestFirst, neverEndsListings, skipsAnItemBetweenPages
    case feedSkipsDeletes, dropsEdits, hidesEdits, forgetsReadMarks, dropsUnreadable
    case refusesLongTexts, doesWhatItDoesNotDeclare, decodesAnything, tellsAnotherIdentity, leaksTexts, listsNothingNew
    case forgetsWhatItCreated, refusesReadMarks, dropsRenames, keepsPeople, invitesNobody, keepsConversations
    case dropsFiles, cutsFiles, swapsFiles, doublesFiles, namesNoFiles, servesOtherFiles, forgetsReplies
}
