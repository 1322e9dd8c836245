import TidemarkModel

/// What only a person can tell.
extension OutcomeTable {
    static let askingAbsent: [Row] = [
        Row(
            [.cancel], [.createConversation, .send, .edit, .rename], effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "The question is over, and nothing is sent."),
        Row(
            [.edit], [.createConversation], effects: [], .asBefore, atOnce: ("asks (severalCandidates)", .asChanged),
            atLast: ("asks (severalCandidates)", .asChanged), why: "The change waits for the answer as well (R4)."),
        Row(
            [.edit], [.send], effects: [], .asBefore, atOnce: ("asks (unprovable)", .asChanged),
            atLast: ("asks (unprovable)", .asChanged), why: "The change waits for the answer as well (R4)."),
        Row(
            [.edit], [.edit, .rename], effects: [.change], .asChanged, atOnce: ("asks (unprovable)", .asChanged),
            atLast: ("cancelled (superseded)", .asChanged),
            why: "The later one is there: the earlier is over, whatever became of it."),
        Row(
            [.delete], [.createConversation], effects: [], .asBefore, atOnce: ("asks (severalCandidates)", .asBefore),
            atLast: ("asks (severalCandidates)", .asBefore), why: "The delete waits for the answer as well (R4)."),
        Row(
            [.delete], [.send], effects: [], .asBefore, atOnce: ("asks (unprovable)", .removed),
            atLast: ("asks (unprovable)", .removed), why: "The delete waits for the answer as well (R4)."),
        Row(
            [.delete], [.edit, .rename], effects: [.removal], .removed, atOnce: ("asks (unprovable)", .removed),
            atLast: ("cancelled (superseded)", .removed),
            why: "What it was about is deleted: there is nothing left to ask."),
        Row(
            [.kill, .credentialLost], [.createConversation], effects: [], .asBefore,
            atOnce: ("asks (severalCandidates)", .asWished), atLast: ("asks (severalCandidates)", .asWished),
            why: "The question stands until a person answers it."),
        Row(
            [.kill, .credentialLost], [.send, .edit, .rename], effects: [], .asBefore,
            atOnce: ("asks (unprovable)", .asWished), atLast: ("asks (unprovable)", .asWished),
            why: "The question stands until a person answers it."),
    ]

    static let askingLanded: [Row] = [
        Row(
            [.cancel], [.createConversation], effects: [.wish], .asWished,
            atOnce: ("cancelled (cancelledByUser)", .asWished), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "Nothing tells that this create made it: it is listed like any other conversation, and can be deleted."),
        Row(
            [.cancel], [.send], effects: [.wish], .removed, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "The question is over. What had landed was deleted from another device: that was the tombstone."),
        Row(
            [.cancel], [.edit, .rename], effects: [.wish], .asWished, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It had been done, and shows when that is read: what it did can be undone by a wish of its own."),
        Row(
            [.edit], [.createConversation], effects: [.wish], .asWished,
            atOnce: ("asks (severalCandidates)", .asChanged), atLast: ("asks (severalCandidates)", .asChanged),
            why: "The change waits for the answer as well (R4)."),
        Row(
            [.edit], [.send], effects: [.wish], .removed, atOnce: ("asks (unprovable)", .asChanged),
            atLast: ("asks (unprovable)", .asChanged), why: "The change waits for the answer as well (R4)."),
        Row(
            [.edit], [.edit, .rename], effects: [.wish, .change], .asChanged, atOnce: ("asks (unprovable)", .asChanged),
            atLast: ("cancelled (superseded)", .asChanged),
            why: "The later one is there: the earlier is over, whatever became of it."),
        Row(
            [.delete, .kill, .credentialLost], [.createConversation], effects: [.wish], .asWished,
            atOnce: ("asks (severalCandidates)", .asWished), atLast: ("asks (severalCandidates)", .asWished),
            why: "The delete waits for the answer as well (R4)."),
        Row(
            [.delete], [.send], effects: [.wish], .removed, atOnce: ("asks (unprovable)", .removed),
            atLast: ("asks (unprovable)", .removed), why: "The delete waits for the answer as well (R4)."),
        Row(
            [.delete], [.edit, .rename], effects: [.wish, .removal], .removed, atOnce: ("asks (unprovable)", .removed),
            atLast: ("cancelled (superseded)", .removed),
            why: "What it was about is deleted: there is nothing left to ask."),
        Row(
            [.kill, .credentialLost], [.send], effects: [.wish], .removed,
            atOnce: ("asks (unprovable)", .asWished), atLast: ("asks (unprovable)", .asWished),
            why: "The question stands until a person answers it."),
        Row(
            [.kill, .credentialLost], [.edit], effects: [.wish], .asWished,
            atOnce: ("asks (unprovable)", .asWished), atLast: ("confirmed", .asWished),
            why: "The question stands, until its marker is seen: then it is answered."),
        Row(
            [.kill, .credentialLost], [.rename], effects: [.wish], .asWished,
            atOnce: ("asks (unprovable)", .asWished), atLast: ("asks (unprovable)", .asWished),
            why: "The question stands until a person answers it."),
    ]
}
