import TidemarkModel

/// What lost its answer and may be asked for again.
extension OutcomeTable {
    static let repeatingAbsent: [Row] = [
        Row(
            [.cancel], [.createConversation, .delete, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "It is not sent again."),
        Row(
            [.cancel], [.markRead], effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asWished),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It is not sent. Here it stays read: reading is not taken back (R27)."),
        Row(
            [.edit], [.createConversation], effects: [.wish, .change], .asChanged,
            atOnce: ("queued (answerLost)", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The first text is frozen (R4): it goes again, and the change follows it."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "What is being deleted is not changed."),
        Row(
            [.edit], [.markRead, .addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore,
            atOnce: ("queued (answerLost)", .asBefore), atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.wish], .asWished,
            atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is the same wish, and one request."),
        Row(
            [.delete], [.markRead], effects: [.removal], .removed, atOnce: ("queued (answerLost)", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "Nobody will ask how far a deleted conversation was read."),
        Row(
            [.delete], [.addParticipants, .removeParticipant], effects: [.wish, .removal], .removed,
            atOnce: ("queued (answerLost)", .removed), atLast: ("confirmed", .removed), why: "The delete follows it."),
        Row(
            [.kill],
            [.createConversation, .delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is asked for again, in the next run."),
        Row(
            [.credentialLost],
            [.createConversation, .delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("queued (needsCredential)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is asked for again, when there is a credential again."),
        Row(
            [.edit], [.upload], effects: [.wish], .asChanged, atOnce: ("queued (answerLost)", .asChanged),
            atLast: ("confirmed", .asChanged),
            why: "Its message waits for it and is changed where it stands: one request for each."),
        Row(
            [.delete], [.upload], effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "Its message is taken back, and it is not sent again."),
    ]

    static let repeatingLanded: [Row] = [
        Row(
            [.cancel], [.createConversation, .delete, .addParticipants, .removeParticipant, .deleteConversation],
            effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It had been done, and shows when that is read: what it did can be undone by a wish of its own."),
        Row(
            [.cancel], [.markRead], effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asWished),
            atLast: ("cancelled (cancelledByUser)", .asWished), why: "It had been done."),
        Row(
            [.edit], [.createConversation], effects: [.wish, .change], .asChanged,
            atOnce: ("queued (answerLost)", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "What is being deleted is not changed."),
        Row(
            [.edit], [.markRead, .addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore,
            atOnce: ("queued (answerLost)", .asBefore), atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.wish], .asWished,
            atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is the same wish, and one request."),
        Row(
            [.delete], [.markRead], effects: [.wish, .removal], .removed, atOnce: ("queued (answerLost)", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "Nobody will ask how far a deleted conversation was read."),
        Row(
            [.delete], [.addParticipants, .removeParticipant], effects: [.wish, .removal], .removed,
            atOnce: ("queued (answerLost)", .removed), atLast: ("confirmed", .removed), why: "The delete follows it."),
        Row(
            [.kill],
            [.createConversation, .delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is asked for again, in the next run; it had been done, and nothing is done twice."),
        Row(
            [.credentialLost],
            [.createConversation, .delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("queued (needsCredential)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is asked for again, when there is a credential again; it had been done, and nothing is done twice."),
        Row(
            [.edit], [.upload], effects: [.wish], .asChanged, atOnce: ("queued (answerLost)", .asChanged),
            atLast: ("confirmed", .asChanged),
            why: "Its message waits for it and is changed where it stands: one request for each."),
        Row(
            [.cancel, .delete], [.upload], effects: [.wish], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Its message is taken back. The file that arrived is named by no message: nobody sees it."),
    ]
}
