import TidemarkModel
import TidemarkStore
import Tidemark

/// What users do, and the program around the engine.
extension Stage {
    static let verbs = [
        "create", "send", "edit", "delete", "read", "rename", "add", "remove", "delete-conversation", "retry", "skip", "discard",
        "rewrite", "resolve", "wake", "credential", "adopt", "refresh",
    ]

    mutating func act(_ verb: String, _ fields: Fields) throws {
        var fields = fields
        switch verb {
        case "create", "send", "edit", "delete", "read", "rename", "add", "remove", "delete-conversation":
            try wish(verb, &fields)
        case "retry": try decide(.retry, &fields)
        case "skip": try decide(.skip, &fields)
        case "discard": try decide(.discard, &fields)
        case "rewrite": try decide(.edit(try fields.needed("text")), &fields)
        case "resolve": try decide(.resolve(try resolution(&fields)), &fields)
        case "wake": try core.wake(moment)
        case "credential": try takeCredential(of: try fields.text("of"))
        case "adopt": try store.adopt(core.scope, moment)
        case "refresh": try store.askForWalks(core.scope, moment)
        default: throw fields.error("There is no act \"\(verb)\"; there are \(Self.verbs.joined(separator: ", ")).")
        }
        try fields.end()
        trace.add(verb)
    }

    /// With the credential of somebody else nothing may leave, unless the account's user may become somebody else (R13).
    private mutating func takeCredential(of other: String?) throws {
        let user = other.map { ParticipantID($0) } ?? core.scope.identity
        if let user, user != core.scope.identity {
            guard core.scope.traits.identityChanges else { return try core.halt(.wrongIdentity, moment) }
            try store.addIdentity(user, to: account.name, at: moment.now)
            core.scope.identity = user
        }
        try store.resume(core.scope, moment)
        core.noteStop(nil)
    }

    private mutating func wish(_ verb: String, _ fields: inout Fields) throws {
        let token = try fields.text("token").map(Token.init)
        let name = try fields.text("as")
        let refusal = try fields.text("refused")
        let files = verb == "send" ? try files(&fields) : []
        let wish = try wish(of: verb, &fields)
        do {
            let enqueued = try store.enqueue(wish, files: files, token: token, core.scope, moment, using: &generator)
            if let refusal { differences.append("line \(fields.line): it was taken, and \"\(refusal)\" was expected") }
            accepting(enqueued)
            if let name { acts[name] = enqueued }
        } catch let error as StoreError {
            guard let refusal else { throw error }
            if error.code.rawValue != refusal {
                differences.append(
                    "line \(fields.line): it was refused with \"\(error.code.rawValue)\" instead of \"\(refusal)\"")
            }
        }
    }

    /// Files by their names: a transcript tells what becomes of them, and what is in them is of no account.
    private func files(_ fields: inout Fields) throws -> [KeptFile] {
        guard let value = fields.take("files") else { return [] }
        guard let names = value.list?.compactMap(\.text), names.count == value.list?.count, Set(names).count == names.count else {
            throw fields.error("\"files\" has to be a list of names, each another.")
        }
        return names.map { name in
            KeptFile(
                copy: "\(fields.line)-\(name)", name: name, contentType: "image/png", size: Int64(name.utf8.count), digest: name)
        }
    }

    private func wish(of verb: String, _ fields: inout Fields) throws -> Wish {
        switch verb {
        case "create":
            return .createConversation(topic: try fields.needed("topic"), participants: try participants("with", &fields))
        case "send":
            let message = OutgoingMessage(
                try fields.needed("text"), kind: try fields.bool("html") ? .html : .text,
                senderName: try fields.text("senderName"),
                metadata: try fields.texts("metadata"))
            return .send(message, to: try conversation(try fields.needed("to"), fields.line))
        case "edit":
            return .edit(
                try message(&fields), text: try fields.needed("text"), metadata: try fields.texts("metadata"))
        case "delete":
            return .delete(try message(&fields))
        case "read":
            let conversation = try conversation(try fields.needed("conversation"), fields.line)
            return .markRead(conversation, upTo: try fields.text("message").map { try message($0, fields.line) })
        case "rename":
            return .rename(
                try conversation(try fields.needed("conversation"), fields.line), topic: try fields.needed("topic"))
        case "add":
            return .addParticipants(
                try participants("participants", &fields), to: try conversation(try fields.needed("to"), fields.line))
        case "remove":
            return .removeParticipant(
                ParticipantID(try fields.needed("participant")), from: try conversation(try fields.needed("from"), fields.line))
        default:
            return .deleteConversation(try conversation(try fields.needed("conversation"), fields.line))
        }
    }

    private mutating func decide(_ act: Act, _ fields: inout Fields) throws {
        let name = try fields.needed("intent")
        let refusal = try fields.text("refused")
        let intent: IntentID
        if let enqueued = acts[name] {
            intent = enqueued.intent
        } else if let entry = try account.outbox().get().first(where: { $0.token.rawValue == name }) {
            intent = entry.intent
        } else {
            throw fields.error("No act has the name \"\(name)\", and nothing in the outbox this token.")
        }
        do {
            try store.act(act, on: intent, core.scope, moment, using: &generator)
            if let refusal { differences.append("line \(fields.line): it was done, and \"\(refusal)\" was expected") }
        } catch let error as StoreError {
            guard error.code.rawValue == refusal else { throw error }
        }
    }

    private func resolution(_ fields: inout Fields) throws -> Resolution {
        let answer = try fields.needed("as")
        switch answer {
        case "arrived": return .arrived(try fields.needed("id"))
        case "not-sent": return .notSent
        case "mine": return .mine
        case "theirs": return .theirs
        default: throw fields.error("\"as\" has to be arrived, not-sent, mine or theirs.")
        }
    }

    // MARK: Names

    /// A conversation by the name of the act that made it, by its remote id, or by its topic.
    func conversation(_ name: String, _ line: Int) throws -> ConversationID {
        if let enqueued = acts[name] { return enqueued.conversation }
        let all = try account.conversations(includingDeleted: true).get()
        if let found = all.first(where: { $0.remoteID?.rawValue == name }) ?? all.first(where: { $0.topic == name }) {
            return found.id
        }
        throw TranscriptError("There is no conversation \"\(name)\" yet.", line: line)
    }

    private func message(_ fields: inout Fields) throws -> MessageID {
        try message(try fields.needed("message"), fields.line)
    }

    /// A message by the name of the act that made it, or by its remote id, also with its conversation in front of a slash.
    private func message(_ name: String, _ line: Int) throws -> MessageID {
        if let message = acts[name]?.message { return message }
        for conversation in try account.conversations(includingDeleted: true).get() {
            var id = Substring(name)
            if let remote = conversation.remoteID?.rawValue, name.hasPrefix(remote + "/") {
                id = name.dropFirst(remote.count + 1)
            }
            if let found = try entries(of: conversation.id).first(where: { $0.remoteID?.rawValue == String(id) }) {
                return found.id
            }
        }
        throw TranscriptError("There is no message \"\(name)\" yet.", line: line)
    }

    private func participants(_ name: String, _ fields: inout Fields) throws -> [Participant] {
        guard let value = fields.take(name) else { return [] }
        guard let list = value.list else { throw fields.error("\"\(name)\" has to be a list.") }
        return try list.map { item in
            if let id = item.text { return Participant(id: ParticipantID(id)) }
            guard let object = item.object, let id = object["id"]?.text else {
                throw fields.error("A participant is an id, or an object with an \"id\".")
            }
            var participant = Participant(id: ParticipantID(id))
            participant.displayName = object["displayName"]?.text
            participant.shareHistoryTime = object["shareHistoryTime"]?.text.flatMap(Timestamp.init(rfc3339:))
            return participant
        }
    }
}
