import TidemarkModel

/// What nothing of has landed.
extension OutcomeTable {
    static let queued: [Row] = [
        Row(
            [.cancel],
            [
                .createConversation, .send, .edit, .delete, .rename, .addParticipants, .removeParticipant, .deleteConversation,
                .upload,
            ],
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Nothing of it has landed: it is as if it had never been."),
        Row(
            [.cancel], [.markRead], effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asWished),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It is not sent. Here it stays read: reading is not taken back (R27)."),
        Row(
            [.edit], [.createConversation, .send, .edit, .rename, .upload], effects: [.wish], .asChanged,
            atOnce: ("queued", .asChanged), atLast: ("confirmed", .asChanged),
            why: "Nothing of it has left: what waits is changed, one request in all."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [.wish], .asWished,
            atOnce: ("queued", .asWished), atLast: ("confirmed", .asWished), why: "What is being deleted is not changed."),
        Row(
            [.edit], [.markRead, .addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("queued", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation, .send, .upload], effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Nothing of it has left, and nothing will."),
        Row(
            [.delete], [.edit], effects: [.removal], .removed, atOnce: ("cancelled (superseded)", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "An edit of what is deleted is not sent."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.wish], .asWished, atOnce: ("queued", .asWished),
            atLast: ("confirmed", .asWished), why: "It is the same wish, and one request."),
        Row(
            [.delete], [.markRead, .rename, .addParticipants, .removeParticipant], effects: [.removal], .removed,
            atOnce: ("cancelled (cancelledByUser)", .removed), atLast: ("cancelled (cancelledByUser)", .removed),
            why: "Deleting the conversation takes back what is unsent in it (R10)."),
        Row(
            [.kill], every, effects: [.wish], .asWished, atOnce: ("queued", .asWished),
            atLast: ("confirmed", .asWished), why: "It was durable when the call returned (R15), and goes in the next run."),
        Row(
            [.credentialLost], every, effects: [.wish], .asWished, atOnce: ("queued (needsCredential)", .asWished),
            atLast: ("confirmed", .asWished), why: "It is durable, and goes when there is a credential again."),
    ]

    static let waiting: [Row] = [
        Row(
            [.cancel], [.send, .edit, .delete, .rename, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Nothing of it has landed: it is as if it had never been."),
        Row(
            [.edit], [.send, .edit, .rename, .upload], effects: [.wish], .asChanged, atOnce: ("waiting", .asChanged),
            atLast: ("confirmed", .asChanged), why: "Nothing of it has left: what waits is changed, one request in all."),
        Row(
            [.edit], [.delete], told: "Message m… is being deleted; it can't be edited.", effects: [], .asBefore,
            atOnce: ("waiting", .asWished), atLast: ("cancelled (parentCancelled)", .asWished),
            why: "What is being deleted is not changed."),
        Row(
            [.edit], [.addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [.wish], .asWished,
            atOnce: ("waiting", .asWished), atLast: ("confirmed", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.send, .upload], effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "Nothing of it has left, and nothing will."),
        Row(
            [.delete], [.edit], effects: [], .asBefore, atOnce: ("cancelled (superseded)", .removed),
            atLast: ("cancelled (superseded)", .removed),
            why: "The edit is over, and the send proves absent and is taken back: nobody reads what its author has deleted."),
        Row(
            [.delete, .kill, .credentialLost], [.delete], effects: [], .asBefore,
            atOnce: ("waiting", .asWished), atLast: ("cancelled (parentCancelled)", .asWished),
            why: "Its send proves absent and is taken back, since it was deleted: nothing is left to do."),
        Row(
            [.delete], [.rename, .addParticipants, .removeParticipant], effects: [.removal], .removed,
            atOnce: ("cancelled (cancelledByUser)", .removed), atLast: ("cancelled (cancelledByUser)", .removed),
            why: "Deleting the conversation takes back what is unsent in it (R10)."),
        Row(
            [.delete], [.deleteConversation], effects: [.wish], .asWished, atOnce: ("waiting", .asWished),
            atLast: ("confirmed", .asWished), why: "It is the same wish, and one request."),
        Row(
            [.kill, .credentialLost],
            [.send, .edit, .rename, .addParticipants, .removeParticipant, .deleteConversation, .upload], effects: [.wish],
            .asWished,
            atOnce: ("waiting", .asWished), atLast: ("confirmed", .asWished),
            why: "It waits for what it is about, in the next run too."),
    ]

    static let parked: [Row] = [
        Row(
            [.cancel],
            [
                .createConversation, .send, .edit, .delete, .rename, .addParticipants, .removeParticipant, .deleteConversation,
                .upload,
            ],
            effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Nothing of it has landed: it is as if it had never been."),
        Row(
            [.cancel], [.markRead], effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asWished),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It is not sent. Here it stays read: reading is not taken back (R27)."),
        Row(
            [.edit], [.createConversation, .send, .upload], effects: [], .asBefore, atOnce: ("parked (invalid)", .asChanged),
            atLast: ("parked (invalid)", .asChanged), why: "It is changed where it stands, and goes when it is retried."),
        Row(
            [.edit], [.edit, .rename], effects: [.change], .asChanged, atOnce: ("parked (invalid)", .asChanged),
            atLast: ("cancelled (superseded)", .asChanged), why: "The later one is done and stands for the refused one."),
        Row(
            [.edit], [.delete], effects: [.change], .asChanged, atOnce: ("parked (invalid)", .asChanged),
            atLast: ("parked (invalid)", .asChanged),
            why: "The refused delete is not shown, so the message may be changed."),
        Row(
            [.edit], [.markRead], told: "Intent i… can't be edited; only parked or queued sends and edits can.",
            effects: [], .asBefore, atOnce: ("parked (invalid)", .asWished), atLast: ("parked (invalid)", .asWished),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.edit], [.addParticipants, .removeParticipant, .deleteConversation],
            told: "Intent i… can't be edited; only parked or queued sends and edits can.", effects: [], .asBefore,
            atOnce: ("parked (invalid)", .asBefore), atLast: ("parked (invalid)", .asBefore),
            why: "It has no text that could be changed; it goes on as it was."),
        Row(
            [.delete], [.createConversation, .send], effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "Nothing of it has left, and nothing will."),
        Row(
            [.delete], [.edit], effects: [.removal], .removed, atOnce: ("cancelled (superseded)", .removed),
            atLast: ("cancelled (superseded)", .removed), why: "An edit of what is deleted is not sent."),
        Row(
            [.delete], [.delete, .deleteConversation], effects: [.removal], .asWished,
            atOnce: ("cancelled (superseded)", .asWished), atLast: ("cancelled (superseded)", .asWished),
            why: "The service refused the first one: this is a new try in its place."),
        Row(
            [.delete], [.markRead, .rename, .addParticipants, .removeParticipant], effects: [.removal], .removed,
            atOnce: ("cancelled (cancelledByUser)", .removed), atLast: ("cancelled (cancelledByUser)", .removed),
            why: "Deleting the conversation takes back what is unsent in it (R10)."),
        Row(
            [.kill, .credentialLost], [.createConversation, .send, .markRead, .upload], effects: [], .asBefore,
            atOnce: ("parked (invalid)", .asWished), atLast: ("parked (invalid)", .asWished),
            why: "It stays parked until a person retries or discards it."),
        Row(
            [.kill, .credentialLost],
            [.edit, .delete, .rename, .addParticipants, .removeParticipant, .deleteConversation], effects: [], .asBefore,
            atOnce: ("parked (invalid)", .asBefore), atLast: ("parked (invalid)", .asBefore),
            why: "It stays parked until a person retries or discards it."),
        Row(
            [.delete], [.upload], effects: [], .asBefore, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore), why: "Its message is taken back, and it with it."),
    ]
}
