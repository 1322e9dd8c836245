import Foundation
import TidemarkAzure
import TidemarkModel

/// What a recorded request asked for, read off its method, address and body by the tests' own means.
enum RecordedCall {
    case page(PageRequest)
    /// A delivery, and the operation without the engine's own metadata, for comparing bodies.
    case delivery(Delivery, AzureOperation)
    case typing(AzureOperation)
    case identity(AzureIdentityWire.Operation)
    /// The registration for pushes, which belongs to another service.
    case registration

    /// Threads of old versions have their people under `/members`, and receipts in lower case.
    init?(_ exchange: RecordedExchange) {
        let parts = exchange.path.split(separator: "/").map(String.init)
        if parts.first == "registrar" {
            self = .registration
        } else if parts.first == "identities" {
            guard let operation = Self.identity(exchange, parts) else { return nil }
            self = .identity(operation)
        } else if !exchange.hasRequest {
            guard let call = Self.bare(exchange) else { return nil }
            self = call
        } else {
            guard let call = Self.chat(exchange, parts) else { return nil }
            self = call
        }
    }

    private static func identity(_ exchange: RecordedExchange, _ parts: [String]) -> AzureIdentityWire.Operation? {
        let body = exchange.requestJSON
        func scopes(_ key: String) -> [CommunicationTokenScope] {
            (body[key] as? [String] ?? []).map { CommunicationTokenScope(rawValue: $0) }
        }
        let user = CommunicationIdentifier(rawID: parts.dropFirst().first ?? "")
        switch (exchange.method, parts.count, parts.last) {
        case ("POST", 1, _): return .createUser(withToken: scopes("createTokenWithScopes"))
        case ("POST", _, ":issueAccessToken"), ("POST", _, "token"): return .issueToken(user, scopes("scopes"))
        case ("POST", _, ":revokeAccessTokens"): return .revokeTokens(user)
        case ("DELETE", 2, _): return .deleteUser(user)
        default: return nil
        }
    }

    private static func chat(_ exchange: RecordedExchange, _ parts: [String]) -> RecordedCall? {
        guard parts.starts(with: ["chat", "threads"]) else { return nil }
        let thread = RemoteConversationID(parts.dropFirst(2).first ?? "")
        let below = parts.dropFirst(3).map { $0.lowercased() }
        let query = exchange.query
        var page = PageRequest(.conversations, resultsPerPage: query["maxPageSize"].flatMap { Int($0) })
        page.startTime = query["startTime"].flatMap { Timestamp(rfc3339: $0) }
        page.skip = query["skip"].flatMap { Int($0) }
        switch (exchange.method, parts.count == 2 ? "threads" : below.first ?? "") {
        case ("GET", "threads"): break
        case ("GET", ""): page.subject = .conversation(thread)
        case ("GET", "messages") where below.count == 1: page.subject = .messages(in: thread)
        case ("GET", "messages"): page.subject = .message(RemoteMessageID(parts[4]), in: thread)
        case ("GET", "participants"), ("GET", "members"): page.subject = .participants(in: thread)
        case ("GET", "readreceipts"): page.subject = .receipts(in: thread)
        case ("POST", "typing"):
            return .typing(
                .sendTyping(senderDisplayName: exchange.requestJSON["senderDisplayName"] as? String, in: thread))
        default: return write(exchange, parts, thread, below).map { .delivery(delivery($0), $0.operation) }
        }
        return .page(page)
    }

    private static func delivery(_ write: RecordedWrite) -> Delivery {
        Delivery(intent: IntentID(1), token: Token(write.token), action: write.action)
    }

    private static func write(
        _ exchange: RecordedExchange, _ parts: [String], _ thread: RemoteConversationID, _ below: [String]
    ) -> RecordedWrite? {
        let body = RecordedBody(exchange)
        let message = RemoteMessageID(parts.dropFirst(4).first ?? "")
        switch (exchange.method, parts.count == 2 ? "threads" : below.first ?? "", below.last ?? "") {
        case ("POST", "threads", _): return body.creation()
        case ("PATCH", "", _): return RecordedWrite(.rename(thread, topic: body.text("topic")))
        case ("DELETE", "", _): return RecordedWrite(.deleteConversation(thread))
        case ("POST", "messages", _): return RecordedWrite(.send(body.message(), in: thread))
        case ("PATCH", "messages", _):
            return RecordedWrite(.edit(message, text: body.text("content"), metadata: body.metadata, in: thread))
        case ("DELETE", "messages", _): return RecordedWrite(.delete(message, in: thread))
        case ("POST", "readreceipts", _): return RecordedWrite(.markRead(RemoteMessageID(body.text("chatMessageId")), in: thread))
        case ("POST", _, ":remove"): return RecordedWrite(.removeParticipant(body.participant(), in: thread))
        case ("DELETE", _, _): return RecordedWrite(.removeParticipant(ParticipantID(parts.last ?? ""), in: thread))
        case ("POST", _, _): return RecordedWrite(.addParticipants(body.participants(), in: thread))
        default: return nil
        }
    }

    /// Answers without requests are named by their files.
    private static func bare(_ exchange: RecordedExchange) -> RecordedCall? {
        let thread: RemoteConversationID = "19:sanitized@thread.v2"
        let name = exchange.file.split(separator: "/").last.map { String($0.prefix { $0 != "." }) }
        func call(_ action: Delivery.Action) -> RecordedCall {
            let write = RecordedWrite(action)
            return .delivery(delivery(write), write.operation)
        }
        switch name {
        case "addParticipants": return call(.addParticipants([], in: thread))
        case "createThread": return call(.createConversation(topic: "", participants: []))
        case "sendMessage": return call(.send(OutgoingMessage(""), in: thread))
        case "getThread": return .page(PageRequest(.conversation(thread)))
        case "listMessages": return .page(PageRequest(.messages(in: thread)))
        case "listParticipants": return .page(PageRequest(.participants(in: thread)))
        case "listReadReceipts": return .page(PageRequest(.receipts(in: thread)))
        case "listThreads": return .page(PageRequest(.conversations))
        default: return nil
        }
    }
}
