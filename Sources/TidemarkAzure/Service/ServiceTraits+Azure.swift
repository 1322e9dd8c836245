public import TidemarkModel

extension ServiceTraits {
    /// What Azure Communication Services Chat does, as data (wire page §6 and §7).
    ///
    /// It depends on the API version: without message metadata the token of a send does not come back, and an edit leaves
    /// no mark.
    public static func azure(_ version: AzureAPIVersion = .v2024_03_07) -> ServiceTraits {
        ServiceTraits(
            service: "azure",
            lostAnswers: [
                // How long the service remembers an id is not documented; beyond this the engine looks first (rule R11).
                .createConversation: .repeatable(for: .seconds(600)),
                .send: version.hasMessageMetadata ? .echoed : .recognisable,
                .edit: version.hasMessageMetadata ? .echoed : .blind,
                .delete: .repeatable(for: nil),
                .markRead: .repeatable(for: nil),
                .rename: .recognisable,
                .addParticipants: .repeatable(for: nil),
                .removeParticipant: .repeatable(for: nil),
                .deleteConversation: .repeatable(for: nil),
            ],
            confirmations: [.send: .observation, .edit: .observation, .delete: .observation],
            history: .full, quarantine: .seconds(20), settleWindow: .seconds(60), messagePageSize: 200,
            conversationPageSize: 100, setPageSize: 100, maximumTextBytes: 28_000, maximumParticipantsPerCall: 200,
            maximumParticipantsForReceipts: 20, rates: azureRates, typing: true,
            decoderVersion: AzureChatWire.decoderVersion)
    }

    /// The published limits of what the engine sends. Those of a thread are shared with everybody who writes to it.
    private static var azureRates: [Rate] {
        [
            Rate([.send, .edit, .delete], per: .lane, count: 10, in: .seconds(10)),
            Rate([.send, .edit, .delete], per: .lane, count: 30, in: .seconds(60)),
            Rate([.createConversation], per: .account, count: 10, in: .seconds(10)),
            Rate([.deleteConversation], per: .account, count: 10, in: .seconds(10)),
            Rate([.rename], per: .lane, count: 5, in: .seconds(10)),
            Rate([.addParticipants], per: .lane, count: 10, in: .seconds(10)),
            Rate([.addParticipants], per: .lane, count: 30, in: .seconds(60)),
            Rate([.removeParticipant], per: .lane, count: 10, in: .seconds(10)),
            Rate([.removeParticipant], per: .lane, count: 30, in: .seconds(60)),
            Rate([.markRead], per: .lane, count: 10, in: .seconds(10)),
            Rate([.markRead], per: .lane, count: 30, in: .seconds(60)),
        ]
    }
}
