public import TidemarkModel

extension ServiceTraits {
    /// What Avaya Spaces does, as data (wire page §0, §4, §7 and §8). Much of it is inferred: `docs/avaya.md` says what.
    ///
    /// - Parameter isGuest: a guest's id ends with its token after 24 h; a new login is another user of the same account. Spaces hide
    ///   from guests what was said before they came, or all of it (§0): the end of what a guest is shown is no beginning.
    public static func avaya(isGuest: Bool = false) -> ServiceTraits {
        ServiceTraits(
            service: "avaya",
            lostAnswers: [
                .createConversation: .recognisable,
                .send: .recognisable,
                .edit: .recognisable,
                // A repeat finds nothing left to delete, and says so (§4).
                .delete: .repeatable(for: nil),
                .markRead: .repeatable(for: nil),
                .rename: .recognisable,
                .addParticipants: .repeatable(for: nil),
                // At worst the storage has a file that no message names.
                .upload: .repeatable(for: nil),
            ],
            confirmations: [.send: .observation, .edit: .observation, .delete: .observation],
            history: isGuest ? .sinceJoin : .full, changes: .feed, conversationsPerFeed: AvayaChangesQuery.maximumSpaces,
            listTellsActivity: false, listsReceipts: false, quarantine: .seconds(30),
            settleWindow: .seconds(60), messagePageSize: 50, conversationPageSize: 50, setPageSize: 30,
            maximumTextBytes: 28_000, maximumParticipantsPerCall: 50, rates: avayaRates, identityChanges: isGuest,
            attachments: AttachmentTraits(
                maximumBytes: AvayaLimits.largestFile, maximumPerMessage: maximumAttachments, identifySends: true),
            replies: true,
            decoderVersion: AvayaChatWire.decoderVersion)
    }

    /// How many files one message is sent with. The service documents no number; this one keeps a message with its files well
    /// below what its socket carries (16 KB).
    private static let maximumAttachments = 20

    /// The limits of the developer pages: 600 requests in five minutes for all together, 60 a minute for each call, ten
    /// invitations in ten minutes (§8).
    private static var avayaRates: [Rate] {
        [
            Rate([.send], per: .account, count: 60, in: .seconds(60)),
            Rate([.edit], per: .account, count: 60, in: .seconds(60)),
            Rate([.delete], per: .account, count: 60, in: .seconds(60)),
            Rate([.upload], per: .account, count: 30, in: .seconds(60)),
            Rate([.markRead], per: .lane, count: 1, in: .seconds(5)),
            Rate([.createConversation, .addParticipants], per: .account, count: 10, in: .seconds(600)),
            Rate(Set(Verb.allCases), per: .account, count: 400, in: .seconds(300)),
        ]
    }
}
