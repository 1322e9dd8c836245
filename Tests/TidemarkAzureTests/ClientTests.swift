import Foundation
import HTTPTypes
import Testing
import TidemarkAzure
import TidemarkModel

/// The plain client, operation by operation.
struct ClientTests {
    private func client(_ transport: ScriptedTransport, _ version: AzureAPIVersion = .v2024_03_07) throws -> AzureChatClient {
        AzureChatClient(
            endpoint: try Example.endpoint(), credential: .token("opaque"), transport: transport, version: version)
    }

    private static let threadJSON = #"{"id":"19:n@thread.v2","topic":"t","createdOn":"2024-01-02T03:04:05Z"}"#

    @Test func `a thread is made, with a token of its own if none is given`() async throws {
        let refused = #"[{"code":"404","message":"Not found","target":"8:acs:x_y"}]"#
        let transport = ScriptedTransport(.json(201, #"{"chatThread":\#(Self.threadJSON),"invalidParticipants":\#(refused)}"#))
        let client = try client(transport)
        let result = try await client.createThread(
            topic: "t", participants: [ChatParticipant(.communicationUser(id: "8:acs:x_y"))])
        #expect(result.thread.id == "19:n@thread.v2" && result.invalidParticipants.map(\.target) == ["8:acs:x_y"])
        _ = try await client.createThread(topic: "t", idempotencyToken: "mine")
        _ = try await client.createThread(topic: "t")
        let name = try #require(HTTPField.Name("repeatability-request-id"))
        let tokens = transport.sent.compactMap { $0.head.headerFields[name] }
        #expect(tokens.count == 3 && Set(tokens).count == 3 && tokens[1] == "mine")
    }

    @Test func `threads come one by one over pages, empty ones among them`() async throws {
        let pages = [
            #"{"value":[{"id":"a"},{"id":"b"}],"nextLink":"/chat/threads?s=1"}"#,
            #"{"value":[],"nextLink":"/chat/threads?s=2"}"#,
            #"{"value":[{"topic":"no id"},{"id":"c","deletedOn":"2024-01-02T03:04:05Z"}]}"#,
        ]
        let transport = ScriptedTransport { _, number throws(TransportError) in .json(200, pages[number - 1]) }
        var ids: [String] = []
        for try await thread in try client(transport).listChatThreads(resultsPerPage: 2) { ids.append(thread.id.rawValue) }
        #expect(ids == ["a", "b", "c"])
        #expect(
            transport.sent.compactMap(\.head.path) == [
                "/chat/threads?maxPageSize=2&api-version=2024-03-07", "/chat/threads?s=1", "/chat/threads?s=2",
            ])
    }

    @Test func `pages tell their rejects and can be gone on with later`() async throws {
        let transport = ScriptedTransport(.json(200, #"{"value":[{"topic":"no id"},{"id":"c"}]}"#))
        let listing = try client(transport).listChatThreads()
        var pages: [ItemPage<ChatThreadItem>] = []
        for try await page in listing.byPage(continuing: "/chat/threads?s=9") { pages.append(page) }
        #expect(pages.count == 1 && pages[0].items.map(\.id) == ["c"] && pages[0].rejects.count == 1)
        #expect(transport.sent.map(\.head.path) == ["/chat/threads?s=9"])
    }

    @Test func `a listing that leads back to itself ends with an error`() async throws {
        let transport = ScriptedTransport(.json(200, #"{"value":[],"nextLink":"/chat/threads?s=1"}"#))
        let error = await #expect(throws: ServiceError.self) {
            for try await _ in try client(transport).listChatThreads() {}
        }
        #expect(error?.code == .unreadable && transport.sent.count == 2)
    }

    @Test func `a listing of empty pages without end is given up`() async throws {
        let transport = ScriptedTransport { _, number throws(TransportError) in
            .json(200, #"{"value":[],"nextLink":"/chat/threads?s=\#(number)"}"#)
        }
        let error = await #expect(throws: ServiceError.self) {
            for try await _ in try client(transport).listChatThreads() {}
        }
        #expect(error?.code == .unreadable && transport.sent.count == AzureChatClient.maximumEmptyPages + 1)
    }

    @Test func `messages are sent, read, changed and deleted`() async throws {
        let message = """
            {"id":"5","type":"html","sequenceId":"3","version":"6","content":{"message":"<p>x</p>",
            "attachments":[{"id":"i","attachmentType":"file","name":"n.pdf","url":"https://a.example/x"}]},
            "createdOn":"2024-01-02T03:04:05Z","senderDisplayName":"","metadata":{"tidemarkToken":"t"}}
            """
        let transport = ScriptedTransport { sent, _ throws(TransportError) in
            switch sent.head.method {
            case .post: .json(201, #"{"id":"5"}"#)
            case .get: .json(200, sent.head.path?.contains("/messages/5") == true ? message : #"{"value":[\#(message)]}"#)
            default: .empty(204)
            }
        }
        let thread = try client(transport).threadClient(for: Example.thread)
        #expect(try await thread.sendMessage("<p>x</p>", type: .html, senderDisplayName: "Al", metadata: ["k": "v"]) == "5")
        let read = try await thread.getMessage("5")
        #expect(read.type == .html && read.version == 6 && read.sequenceID == 3 && read.senderDisplayName == nil)
        #expect(read.content.attachments.first?.name == "n.pdf" && read.metadata == ["tidemarkToken": "t"])
        var listed: [ChatMessage] = []
        for try await message in thread.listMessages(resultsPerPage: 10) { listed.append(message) }
        #expect(listed == [read])
        try await thread.updateMessage("5", metadata: ["k": ""])
        try await thread.deleteMessage("5")
        let sent = transport.sent
        #expect(
            sent[0].json as NSDictionary == [
                "content": "<p>x</p>", "type": "html", "senderDisplayName": "Al", "metadata": ["k": "v"],
            ])
        #expect(sent[3].json as NSDictionary == ["metadata": ["k": ""]] && sent[4].head.method == .delete)
        let system = await #expect(throws: ServiceError.self) { try await thread.sendMessage("x", type: .topicUpdated) }
        #expect(system?.code == .invalid && transport.sent.count == 5)
    }

    @Test func `one participant that is left out throws, several are returned`() async throws {
        let refused = #"{"invalidParticipants":[{"code":"403","message":"Permissions check failed","target":"8:acs:x_y"}]}"#
        let transport = ScriptedTransport(.json(201, refused), .json(201, refused), .json(201, "{}"), .json(204, ""))
        let thread = try client(transport).threadClient(for: Example.thread)
        let bob = ChatParticipant(CommunicationIdentifier(Example.bob), displayName: "Bob")
        let error = await #expect(throws: ServiceError.self) { try await thread.addParticipant(bob) }
        #expect(error?.code == .forbidden && error?.serviceCode == "403" && error?.certainty == .notApplied)
        #expect(try await thread.addParticipants([bob]).map(\.target) == ["8:acs:x_y"])
        try await thread.addParticipant(bob)
        try await thread.removeParticipant(bob.identifier)
        let removal: NSDictionary = ["rawId": Example.bob.rawValue, "communicationUser": ["id": Example.bob.rawValue]]
        #expect(transport.sent.last.map { $0.json as NSDictionary } == removal)
    }

    @Test func `participants and receipts are listed by offset`() async throws {
        let participant =
            #"{"communicationIdentifier":{"rawId":"8:acs:r_1"},"shareHistoryTime":"1970-01-01T00:00:00Z","metadata":{"a":"b"}}"#
        let receipt =
            #"{"senderCommunicationIdentifier":{"rawId":"8:acs:r_1"},"chatMessageId":"5","readOn":"2024-01-02T03:04:05Z"}"#
        let transport = ScriptedTransport(.json(200, #"{"value":[\#(participant)]}"#), .json(200, #"{"value":[\#(receipt)]}"#))
        let thread = try client(transport).threadClient(for: Example.thread)
        for try await participant in thread.listParticipants(resultsPerPage: 3, skip: 6) {
            #expect(participant.identifier.rawID == "8:acs:r_1" && participant.metadata == ["a": "b"])
        }
        for try await receipt in thread.listReadReceipts(skip: 1) { #expect(receipt.messageID == "5") }
        #expect(transport.sent[0].head.path?.hasSuffix("/participants?maxPageSize=3&skip=6&api-version=2024-03-07") == true)
        #expect(transport.sent[1].head.path?.hasSuffix("/readReceipts?skip=1&api-version=2024-03-07") == true)
    }

    @Test func `a thread is read, renamed and deleted, typed in and read up to`() async throws {
        let transport = ScriptedTransport { sent, _ throws(TransportError) in
            switch (sent.head.method, sent.body.isEmpty) {
            case (.get, _): .json(200, Self.threadJSON)
            case (.post, _): .empty(200)
            default: .empty(204)
            }
        }
        let client = try client(transport, .v2025_03_15)
        let thread = client.threadClient(for: Example.thread)
        #expect(try await thread.getProperties().topic == "t")
        try await thread.updateTopic("new")
        try await thread.updateProperties(metadata: ["k": "v"], retentionPolicy: ChatRetentionPolicy.none)
        try await thread.sendTypingNotification(senderDisplayName: "Al")
        try await thread.sendTypingNotification()
        try await thread.sendReadReceipt(for: "5")
        try await client.deleteThread(Example.thread)
        let bodies = transport.sent.map { $0.json as NSDictionary }
        #expect(
            bodies == [
                [:], ["topic": "new"], ["metadata": ["k": "v"], "retentionPolicy": ["kind": "none"]],
                ["senderDisplayName": "Al"], [:], ["chatMessageId": "5"], [:],
            ])
    }
}
