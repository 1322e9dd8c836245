import TidemarkModel

/// What is over.
extension OutcomeTable {
    static let confirmed: [Row] = [
        Row(
            [.cancel], every, told: "Intent i… has been sent; delete what it made instead.", effects: [.wish], .asWished,
            atOnce: ("confirmed", .asWished), atLast: ("confirmed", .asWished),
            why: "It is done: undoing it is a wish of its own."),
        Row(
            [.edit], [.createConversation, .send, .edit, .rename, .upload], effects: [.wish, .change], .asChanged,
            atOnce: ("confirmed", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.edit], [.delete], told: "Message m… was deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("confirmed", .asWished), atLast: ("confirmed", .asWished), why: "A tombstone is final (P4)."),
        Row(
            [.edit], [.markRead, .addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("confirmed", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore, atOnce: ("confirmed", .asBefore),
            atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.send, .edit, .markRead, .rename, .addParticipants, .removeParticipant, .upload],
            effects: [.wish, .removal], .removed, atOnce: ("confirmed", .removed), atLast: ("confirmed", .removed),
            why: "The delete follows it."),
        Row(
            [.delete], [.delete], effects: [.wish], .asWished, atOnce: ("confirmed", .asWished),
            atLast: ("confirmed", .asWished), why: "It is the same wish, and one request."),
        Row(
            [.delete], [.deleteConversation], told: "Conversation c… was deleted; nothing can be written to it.",
            effects: [.wish], .asWished, atOnce: ("confirmed", .asWished), atLast: ("confirmed", .asWished),
            why: "There is nothing any more that could be deleted."),
        Row(
            [.kill, .credentialLost], every, effects: [.wish], .asWished, atOnce: ("confirmed", .asWished),
            atLast: ("confirmed", .asWished), why: "It is done."),
    ]

    static let cancelled: [Row] = [
        Row(
            [.cancel, .kill, .credentialLost],
            [
                .createConversation, .send, .edit, .delete, .rename, .addParticipants, .removeParticipant, .deleteConversation,
                .upload,
            ],
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "It is over, and nothing of it has left."),
        Row(
            [.cancel, .kill, .credentialLost], [.markRead], effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asWished), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "Here it stays read: reading is not taken back (R27)."),
        Row(
            [.edit, .delete], [.createConversation], told: "Conversation c… was deleted; nothing can be written to it.",
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "There is nothing any more that could be changed."),
        Row(
            [.edit, .delete], [.send, .upload], told: "There is no message m… in this account.", effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "There is nothing any more that could be changed."),
        Row(
            [.edit], [.edit, .delete, .rename], effects: [.change], .asChanged,
            atOnce: ("cancelled (cancelledByUser)", .asChanged), atLast: ("cancelled (cancelledByUser)", .asChanged),
            why: "It is a wish of its own; the first one is over."),
        Row(
            [.edit], [.markRead], told: "Intent i… can't be edited; only parked or queued sends and edits can.",
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asWished),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.edit], [.addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.edit, .markRead, .rename, .addParticipants, .removeParticipant], effects: [.removal], .removed,
            atOnce: ("cancelled (cancelledByUser)", .removed), atLast: ("cancelled (cancelledByUser)", .removed),
            why: "It is a wish of its own; the first one is over."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.removal], .asWished,
            atOnce: ("cancelled (cancelledByUser)", .asWished), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It is a wish of its own; the first one is over."),
    ]

    static let cancelledLanded: [Row] = [
        Row(
            [.cancel, .kill, .credentialLost],
            [.createConversation, .edit, .delete, .rename, .addParticipants, .removeParticipant, .deleteConversation],
            effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It had been done, and shows when that is read: what it did can be undone by a wish of its own."),
        Row(
            [.cancel, .kill, .credentialLost], [.send], effects: [.wish, .undoing], .removed,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "The copy that turns up with its token is deleted (R4)."),
        Row(
            [.cancel, .kill, .credentialLost], [.markRead], effects: [.wish], .asWished,
            atOnce: ("cancelled (cancelledByUser)", .asWished), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It had been done."),
        Row(
            [.edit, .delete], [.createConversation], told: "Conversation c… was deleted; nothing can be written to it.",
            effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asWished), why: "There is nothing any more that could be changed."),
        Row(
            [.edit, .delete], [.send], told: "There is no message m… in this account.", effects: [.wish, .undoing],
            .removed, atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "There is nothing any more that could be changed."),
        Row(
            [.edit], [.edit, .rename], effects: [.wish, .change], .asChanged,
            atOnce: ("cancelled (cancelledByUser)", .asChanged), atLast: ("cancelled (cancelledByUser)", .asChanged),
            why: "It is a wish of its own; the first one is over."),
        Row(
            [.edit], [.delete], effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asChanged),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "The message turns out to be deleted, and the edit ends (R7)."),
        Row(
            [.edit], [.markRead], told: "Intent i… can't be edited; only parked or queued sends and edits can.",
            effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asWished),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.edit], [.addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.edit, .markRead, .rename, .addParticipants, .removeParticipant], effects: [.wish, .removal],
            .removed, atOnce: ("cancelled (cancelledByUser)", .removed), atLast: ("cancelled (cancelledByUser)", .removed),
            why: "It is a wish of its own; the first one is over."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.wish], .asWished,
            atOnce: ("cancelled (cancelledByUser)", .asWished), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It had been done; the new one finds it so."),
        Row(
            [.cancel, .kill, .credentialLost], [.upload], effects: [.wish], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "The file that arrived is named by no message: nobody sees it."),
        Row(
            [.edit, .delete], [.upload], told: "There is no message m… in this account.", effects: [.wish], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "There is nothing any more that could be changed."),
    ]
}
