import TidemarkModel

/// What is on its way, and what the service has just accepted.
extension OutcomeTable {
    static let underWay: [Row] = [
        Row(
            [.cancel], wishes, told: "Intent i… is on its way right now; try again in a moment.", effects: [.wish],
            .asWished, atOnce: ("transmitting", .asWished), atLast: ("confirmed", .asWished),
            why: "What is on its way can't be called back; a moment later it is known what became of it."),
        Row(
            [.edit], [.createConversation, .send, .edit, .rename], effects: [.wish, .change], .asChanged,
            atOnce: ("transmitting", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("transmitting", .asWished), atLast: ("confirmed", .asWished),
            why: "What is being deleted is not changed."),
        Row(
            [.edit], [.markRead, .addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("transmitting", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore, atOnce: ("transmitting", .asBefore),
            atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.send, .markRead, .rename, .addParticipants, .removeParticipant], effects: [.wish, .removal],
            .removed, atOnce: ("transmitting", .removed), atLast: ("confirmed", .removed), why: "The delete follows it."),
        Row(
            [.delete], [.edit], effects: [.wish, .removal], .removed, atOnce: ("transmitting", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "The delete follows it."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.wish], .asWished, atOnce: ("transmitting", .asWished),
            atLast: ("confirmed", .asWished), why: "It is the same wish, and one request."),
        Row(
            [.kill],
            [.createConversation, .delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "Its answer is lost: it is asked for again, which does no harm."),
        Row(
            [.kill], [.send, .edit, .rename], effects: [.wish], .asWished, atOnce: ("inDoubt", .asWished),
            atLast: ("confirmed", .asWished),
            why: "The mark was durable (R14): it is looked up, proves absent after the quarantine, and goes again."),
        Row(
            [.credentialLost], every, effects: [.wish], .asWished, atOnce: ("queued (needsCredential)", .asWished),
            atLast: ("confirmed", .asWished),
            why: "The request itself was refused: nothing was done, and it goes with the new credential."),
        Row(
            [.edit], [.upload], effects: [.wish], .asChanged, atOnce: ("transmitting", .asChanged),
            atLast: ("confirmed", .asChanged),
            why: "Its message waits for it and is changed where it stands: one request for each."),
        Row(
            [.cancel, .delete], [.upload], effects: [.wish], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Its message is taken back, and what arrives is a file that no message names: nobody sees it."),
    ]

    static let answered: [Row] = [
        Row(
            [.cancel], wishes, told: "Intent i… is on its way right now; try again in a moment.", effects: [.wish],
            .asWished, atOnce: ("transmitting", .asWished), atLast: ("confirmed", .asWished),
            why: "What is on its way can't be called back; a moment later it is known what became of it."),
        Row(
            [.edit], [.createConversation, .send, .edit, .rename], effects: [.wish, .change], .asChanged,
            atOnce: ("transmitting", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("transmitting", .asWished), atLast: ("confirmed", .asWished),
            why: "What is being deleted is not changed."),
        Row(
            [.edit], [.markRead, .addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("transmitting", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore, atOnce: ("transmitting", .asBefore),
            atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.send, .markRead, .rename, .addParticipants, .removeParticipant], effects: [.wish, .removal],
            .removed, atOnce: ("transmitting", .removed), atLast: ("confirmed", .removed), why: "The delete follows it."),
        Row(
            [.delete], [.edit], effects: [.wish, .removal], .removed, atOnce: ("transmitting", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "The delete follows it."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.wish], .asWished, atOnce: ("transmitting", .asWished),
            atLast: ("confirmed", .asWished), why: "It is the same wish, and one request."),
        Row(
            [.kill],
            [.createConversation, .delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("queued (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "Its answer is lost: it is asked for again, which does no harm."),
        Row(
            [.kill], [.send, .edit, .rename], effects: [.wish], .asWished, atOnce: ("inDoubt", .asWished),
            atLast: ("confirmed", .asWished), why: "The mark was durable (R14): it is looked up and found."),
        Row(
            [.credentialLost],
            [.createConversation, .markRead, .rename, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [.wish], .asWished, atOnce: ("confirmed", .asWished), atLast: ("confirmed", .asWished),
            why: "It was done before; only what shows it is read later."),
        Row(
            [.credentialLost], [.send, .edit, .delete], effects: [.wish], .asWished, atOnce: ("sent", .asWished),
            atLast: ("confirmed", .asWished), why: "It was done before; only what shows it is read later."),
        Row(
            [.edit], [.upload], effects: [.wish], .asChanged, atOnce: ("transmitting", .asChanged),
            atLast: ("confirmed", .asChanged),
            why: "Its message waits for it and is changed where it stands: one request for each."),
        Row(
            [.cancel, .delete], [.upload], effects: [.wish], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Its message is taken back, and what arrives is a file that no message names: nobody sees it."),
    ]

    static let sent: [Row] = [
        Row(
            [.cancel], [.send, .edit, .delete], told: "Intent i… has been sent; delete what it made instead.",
            effects: [.wish], .asWished, atOnce: ("sent", .asWished), atLast: ("confirmed", .asWished),
            why: "It is done: undoing it is a wish of its own."),
        Row(
            [.edit], [.send, .edit], effects: [.wish, .change], .asChanged, atOnce: ("sent", .asChanged),
            atLast: ("confirmed", .asChanged), why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("sent", .asWished), atLast: ("confirmed", .asWished), why: "What is being deleted is not changed."),
        Row(
            [.delete], [.send], effects: [.wish, .removal], .removed, atOnce: ("sent", .removed),
            atLast: ("confirmed", .removed), why: "The delete follows it."),
        Row(
            [.delete], [.edit], effects: [.wish, .removal], .removed, atOnce: ("sent", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "The delete follows it."),
        Row(
            [.delete], [.delete], effects: [.wish], .asWished, atOnce: ("sent", .asWished),
            atLast: ("confirmed", .asWished), why: "It is the same wish, and one request."),
        Row(
            [.kill, .credentialLost], [.send, .edit, .delete], effects: [.wish], .asWished,
            atOnce: ("sent", .asWished), atLast: ("confirmed", .asWished), why: "It was accepted; the next read shows it."),
    ]
}
