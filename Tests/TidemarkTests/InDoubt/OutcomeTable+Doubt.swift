import TidemarkModel

/// What lost its answer and is looked up.
extension OutcomeTable {
    static let doubtAbsent: [Row] = [
        Row(
            [.cancel], [.createConversation, .send, .edit, .rename], effects: [], .asBefore,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "It is not sent again; a copy that turned up after all would be deleted (R4)."),
        Row(
            [.edit], [.createConversation], effects: [.wish, .change], .asChanged,
            atOnce: ("inDoubt (answerLost)", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The first text is frozen (R4): it goes again, and the change follows it."),
        Row(
            [.edit], [.send, .edit, .rename], effects: [.wish, .change], .asChanged, atOnce: ("inDoubt", .asChanged),
            atLast: ("confirmed", .asChanged),
            why: "The first text is frozen (R4): it goes again, and the change follows it."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore,
            atOnce: ("inDoubt (answerLost)", .asBefore), atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.send], effects: [], .asBefore, atOnce: ("inDoubt", .removed),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "It proves absent and is taken back: nobody reads what its author has deleted."),
        Row(
            [.delete], [.edit, .rename], effects: [.removal], .removed, atOnce: ("inDoubt", .removed),
            atLast: ("cancelled (superseded)", .removed),
            why: "It proves absent and is not sent again: what it was about is deleted."),
        Row(
            [.kill], [.createConversation], effects: [.wish], .asWished,
            atOnce: ("inDoubt (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is looked up in the next run, proves absent, and goes again."),
        Row(
            [.kill], [.send, .edit, .rename], effects: [.wish], .asWished, atOnce: ("inDoubt", .asWished),
            atLast: ("confirmed", .asWished), why: "It is looked up in the next run, proves absent, and goes again."),
        Row(
            [.credentialLost], [.createConversation, .send, .edit, .rename], effects: [.wish], .asWished,
            atOnce: ("inDoubt (needsCredential)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is looked up when there is a credential again, proves absent, and goes again."),
    ]

    static let doubtLanded: [Row] = [
        Row(
            [.cancel], [.createConversation, .edit, .rename], effects: [.wish], .asWished,
            atOnce: ("cancelled (cancelledByUser)", .asBefore), atLast: ("cancelled (cancelledByUser)", .asWished),
            why: "It had been done, and shows when that is read: what it did can be undone by a wish of its own."),
        Row(
            [.cancel], [.send], effects: [.wish, .undoing], .removed, atOnce: ("cancelled (cancelledByUser)", .asBefore),
            atLast: ("cancelled (cancelledByUser)", .asBefore),
            why: "The copy that turns up with its token is deleted (R4)."),
        Row(
            [.edit], [.createConversation], effects: [.wish, .change], .asChanged,
            atOnce: ("inDoubt (answerLost)", .asChanged), atLast: ("confirmed", .asChanged),
            why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.edit], [.send, .edit, .rename], effects: [.wish, .change], .asChanged, atOnce: ("inDoubt", .asChanged),
            atLast: ("confirmed", .asChanged), why: "The change is a wish of its own and follows the first (R4)."),
        Row(
            [.delete], [.createConversation], effects: [.wish, .removal], .asBefore,
            atOnce: ("inDoubt (answerLost)", .asBefore), atLast: ("confirmed", .asBefore), why: "The delete follows it."),
        Row(
            [.delete], [.send, .edit, .rename], effects: [.wish, .removal], .removed, atOnce: ("inDoubt", .removed),
            atLast: ("confirmed", .removed), why: "The delete follows it."),
        Row(
            [.kill], [.createConversation], effects: [.wish], .asWished,
            atOnce: ("inDoubt (answerLost)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is looked up in the next run, and found."),
        Row(
            [.kill], [.send, .edit, .rename], effects: [.wish], .asWished, atOnce: ("inDoubt", .asWished),
            atLast: ("confirmed", .asWished), why: "It is looked up in the next run, and found."),
        Row(
            [.credentialLost], [.createConversation, .send, .edit, .rename], effects: [.wish], .asWished,
            atOnce: ("inDoubt (needsCredential)", .asWished), atLast: ("confirmed", .asWished),
            why: "It is looked up when there is a credential again, and found."),
    ]
}
