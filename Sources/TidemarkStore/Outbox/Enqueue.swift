internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// Makes a wish durable: the intent and what views show of it, in one transaction.
    ///
    /// When it returns, the intent survives a power cut. A token that was used before for the same wish returns the
    /// intent of then. Throws `StoreError` with `invalidArgument`, `notFound`, `notAllowed` or `tokenReused`.
    package func enqueue(
        _ wish: Wish, files: [KeptFile] = [], replyTo: MessageID? = nil, token: Token? = nil, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator
    ) throws -> Enqueued {
        let token = token ?? Token.random(using: &generator)
        // It travels in a header.
        guard (1...200).contains(token.rawValue.utf8.count), token.rawValue.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw StoreError(.invalidArgument, "The token is not 1 to 200 visible ASCII characters; use a UUID.")
        }
        return try write(.full, touching: { .conversation($0.conversation) }) { db in
            try Enqueue(
                wish: wish, token: token, scope: scope, moment: moment, db: db, files: files, replyTo: replyTo
            ).run()
        }
    }
}

/// One wish on its way into the outbox.
struct Enqueue {
    let wish: Wish
    let token: Token
    let scope: Scope
    let moment: Moment
    let db: Database
    /// What a send brings along.
    var files: [KeptFile] = []
    var replyTo: MessageID?

    /// Tells whether a token came back with the same wish.
    var digest: String {
        get throws {
            guard !files.isEmpty || replyTo != nil else { return try wish.digest }
            return Wish.digest(
                of: ([try wish.digest, replyTo?.description ?? ""] + files.map(\.identity)).joined(separator: "\n"))
        }
    }

    func run() throws -> Enqueued {
        if let earlier = try earlierUse() { return earlier }
        guard scope.traits.lostAnswers[wish.verb] != nil else {
            throw StoreError(.notAllowed, "\(scope.traits.service) has no operation for this; it can't be done there.")
        }
        switch wish {
        case .createConversation(let topic, let participants): return try create(topic, participants)
        case .send(let message, let conversation): return try send(message, conversation)
        case .edit(let message, let text, _): return try edit(message, text)
        case .delete(let message): return try delete(message)
        case .markRead(let conversation, let message): return try markRead(conversation, message)
        case .rename(let conversation, let topic): return try rename(conversation, topic)
        case .addParticipants(let participants, let conversation): return try add(participants, conversation)
        case .removeParticipant(let participant, let conversation): return try remove(participant, conversation)
        case .deleteConversation(let conversation): return try deleteConversation(conversation)
        }
    }

    /// The intent that this token already stands for.
    private func earlierUse() throws -> Enqueued? {
        guard
            let use: (intent: Int64, digest: String) = try db.first(
                "SELECT intent, digest FROM tokenUse WHERE account = ? AND token = ?", [scope.account, token.rawValue],
                { (try $0[0], try $0[1]) })
        else {
            // The engine's own, made from another intent's or for an edited one.
            let isTaken = try Bool.fetchOne(
                db,
                cached: """
                    SELECT EXISTS (SELECT 1 FROM intent WHERE account = ?1 AND token = ?2)
                        OR EXISTS (SELECT 1 FROM tokenTombstone WHERE account = ?1 AND token = ?2)
                    """, arguments: [scope.account, token.rawValue])
            guard isTaken != true else { throw tokenReused }
            return nil
        }
        guard try use.digest == digest, let intent = try IntentRow.fetchOne(db, id: use.intent) else {
            throw tokenReused
        }
        return enqueued(intent)
    }

    private var tokenReused: StoreError {
        StoreError(.tokenReused, "This token was used for something else; use a fresh one.")
    }
}
