import Foundation
import HTTPTypes
import Testing
import TidemarkAzure
import TidemarkModel

/// What goes onto the wire for each wish. JSON is read back by Foundation.
struct RequestTests {
    private static let path = "/chat/threads/19%3Aabc_DEF-123%40thread.v2"
    private static let thread = Example.thread

    private func json(_ request: AzureRequest) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: Data(request.body)) as? NSDictionary)
    }

    @Test(arguments: [
        (AzureOperation.listThreads(), "GET", "/chat/threads?api-version=2024-03-07"),
        (
            .listThreads(resultsPerPage: 20, startTime: Timestamp(milliseconds: 1_600_000_000_123)), "GET",
            "/chat/threads?maxPageSize=20&startTime=2020-09-13T12%3A26%3A40.123Z&api-version=2024-03-07"
        ),
        (.getThread(thread), "GET", path + "?api-version=2024-03-07"),
        (.updateThread(thread, topic: "t"), "PATCH", path + "?api-version=2024-03-07"),
        (.deleteThread(thread), "DELETE", path + "?api-version=2024-03-07"),
        (.sendMessage(OutgoingMessage("x"), in: thread), "POST", path + "/messages?api-version=2024-03-07"),
        (.listMessages(resultsPerPage: 200, in: thread), "GET", path + "/messages?maxPageSize=200&api-version=2024-03-07"),
        (.getMessage("1613", in: thread), "GET", path + "/messages/1613?api-version=2024-03-07"),
        (.updateMessage("1613", content: "y", in: thread), "PATCH", path + "/messages/1613?api-version=2024-03-07"),
        (.deleteMessage("1613", in: thread), "DELETE", path + "/messages/1613?api-version=2024-03-07"),
        (
            .listParticipants(resultsPerPage: 5, skip: 10, in: thread), "GET",
            path + "/participants?maxPageSize=5&skip=10&api-version=2024-03-07"
        ),
        (.addParticipants([], in: thread), "POST", path + "/participants/:add?api-version=2024-03-07"),
        (.removeParticipant(.unknown(rawID: "x"), in: thread), "POST", path + "/participants/:remove?api-version=2024-03-07"),
        (.sendTyping(in: thread), "POST", path + "/typing?api-version=2024-03-07"),
        (.sendReceipt("1613", in: thread), "POST", path + "/readReceipts?api-version=2024-03-07"),
        (.listReceipts(skip: 0, in: thread), "GET", path + "/readReceipts?skip=0&api-version=2024-03-07"),
    ])
    func `an operation has its method and address`(operation: AzureOperation, method: String, address: String) throws {
        let request = try Example.wire().request(for: operation, requestID: "id-1")
        #expect(request.head.method.rawValue == method)
        #expect(request.head.path == address)
        #expect(request.head.scheme == "https" && request.head.authority == "contoso.communication.azure.com")
        #expect(request.head.headerFields[try #require(HTTPField.Name("x-ms-client-request-id"))] == "id-1")
        #expect(request.head.headerFields[.authorization] == nil)
        #expect(request.body.isEmpty == (request.head.headerFields[.contentType] == nil))
        if method == "PATCH" { #expect(request.head.headerFields[.contentType] == "application/merge-patch+json") }
    }

    @Test func `a send carries its token beside the caller's own keys and cannot be given another`() throws {
        let message = OutgoingMessage(
            "Grüße \"x\"\n\u{1}", kind: .html, senderName: "Al",
            metadata: ["k": "v", "tidemarkToken": "no", "tidemarkEdit": "no"])
        let request = try Example.wire().request(for: Example.delivery(.send(message, in: Self.thread)))
        let expected: NSDictionary = [
            "content": "Grüße \"x\"\n\u{1}", "type": "html", "senderDisplayName": "Al",
            "metadata": ["k": "v", "tidemarkToken": Example.token.rawValue],
        ]
        #expect(try json(request) == expected)
    }

    @Test func `an edit carries its own marker and leaves the send's token alone`() throws {
        let edit = Delivery.Action.edit("1613", text: "new", metadata: ["k": "", "tidemarkToken": "no"], in: Self.thread)
        let request = try Example.wire().request(for: Example.delivery(edit))
        let expected: NSDictionary = ["content": "new", "metadata": ["k": "", "tidemarkEdit": Example.token.rawValue]]
        #expect(try json(request) == expected)
    }

    @Test func `before message metadata nothing of the engine is sent and the caller's keys are refused`() throws {
        let wire = try Example.wire(.v2021_03_07)
        let plain = try wire.request(for: Example.delivery(.send(OutgoingMessage("x"), in: Self.thread)))
        #expect(try json(plain) == ["content": "x", "type": "text"])
        let edit = try wire.request(for: Example.delivery(.edit("1", text: "y", metadata: [:], in: Self.thread)))
        #expect(try json(edit) == ["content": "y"])
        let keyed = Example.delivery(.send(OutgoingMessage("x", metadata: ["k": "v"]), in: Self.thread))
        let error = #expect(throws: ServiceError.self) { try wire.request(for: keyed) }
        #expect(error?.code == .unsupported && error?.certainty == .notApplied)
        #expect(ServiceTraits.azure(.v2021_03_07).lostAnswer(of: .send) == .recognisable)
        #expect(ServiceTraits.azure(.v2021_03_07).lostAnswer(of: .edit) == .blind)
        #expect(ServiceTraits.azure().lostAnswer(of: .send) == .echoed)
    }

    @Test func `a create is repeatable by its token and shares history as asked`() throws {
        let bob = Participant(id: Example.bob, displayName: "Bob", shareHistoryTime: Timestamp(milliseconds: 0))
        let create = Example.delivery(.createConversation(topic: "Trip", participants: [bob]))
        let request = try Example.wire().request(for: create)
        #expect(request.head.headerFields[try #require(HTTPField.Name("repeatability-request-id"))] == Example.token.rawValue)
        let identifier: NSDictionary = ["rawId": Example.bob.rawValue, "communicationUser": ["id": Example.bob.rawValue]]
        let expected: NSDictionary = [
            "topic": "Trip",
            "participants": [
                ["communicationIdentifier": identifier, "displayName": "Bob", "shareHistoryTime": "1970-01-01T00:00:00.000Z"]
            ],
        ]
        #expect(try json(request) == expected)
    }

    @Test func `a token that no header can carry is escaped and stays its own`() throws {
        var create = Example.delivery(.createConversation(topic: "t", participants: []))
        create.token = "a\r\nX-Evil: 1 ü"
        let request = try Example.wire().request(for: create)
        let value = request.head.headerFields[try #require(HTTPField.Name("repeatability-request-id"))]
        #expect(value == "a%0D%0AX-Evil%3A%201%20%C3%BC")
    }

    @Test func `thread metadata and retention need the version that has them`() throws {
        let operation = AzureOperation.createThread(
            topic: "t", participants: [ChatParticipant(CommunicationIdentifier(Example.bob), metadata: ["a": "b"])],
            metadata: ["k": "v"], retentionPolicy: .threadCreationDate(deleteThreadAfterDays: 40), repeatabilityID: "r")
        let body = try json(try Example.wire(.v2025_03_15).request(for: operation))
        #expect(body["metadata"] as? NSDictionary == ["k": "v"])
        #expect(body["retentionPolicy"] as? NSDictionary == ["kind": "threadCreationDate", "deleteThreadAfterDays": 40])
        #expect((body["participants"] as? [NSDictionary])?.first?["metadata"] as? NSDictionary == ["a": "b"])
        #expect(throws: ServiceError.self) { try Example.wire().request(for: operation) }
    }

    @Test(arguments: ["", ".", ".."])
    func `an id that would name another resource is refused`(id: String) throws {
        let wire = try Example.wire()
        for operation in [
            AzureOperation.deleteMessage(RemoteMessageID(id), in: Self.thread), .deleteThread(RemoteConversationID(id)),
        ] {
            let error = #expect(throws: ServiceError.self) { try wire.request(for: operation) }
            #expect(error?.code == .invalid && error?.certainty == .notApplied)
        }
    }

    @Test func `an id cannot leave its place in the path`() throws {
        let request = try Example.wire().request(for: .getMessage("1/../../x?a=b#c%2e ü", in: Self.thread))
        #expect(request.head.path == Self.path + "/messages/1%2F..%2F..%2Fx%3Fa%3Db%23c%252e%20%C3%BC?api-version=2024-03-07")
    }

    @Test(arguments: [
        PageRequest(.conversations, resultsPerPage: 0), PageRequest(.participants(in: thread), skip: -1),
        PageRequest(.messages(in: ""), resultsPerPage: 1),
    ])
    func `a page request that makes no sense is refused`(page: PageRequest) throws {
        let error = #expect(throws: ServiceError.self) { try Example.wire().request(for: page) }
        #expect(error?.code == .invalid && error?.certainty == .notApplied)
    }

    @Test func `versions before 2021-03-07 are not spoken`() throws {
        let error = #expect(throws: ServiceError.self) {
            try Example.wire("2021-01-27-preview4").request(for: .listThreads())
        }
        #expect(error?.code == .unsupported)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", "http", "127.0.0.1:8080", "/chat/threads"),
        ("https://Contoso.example:443/", "https", "contoso.example", "/chat/threads"),
        ("https://gate.example/acs/", "https", "gate.example", "/acs/chat/threads"),
    ])
    func `an endpoint keeps its scheme, port and path`(address: String, scheme: String, authority: String, path: String) throws {
        let head = try Example.wire(at: address).request(for: .listThreads()).head
        #expect(head.scheme == scheme && head.authority == authority)
        #expect(head.path == path + "?api-version=2024-03-07")
    }

    @Test(arguments: ["contoso.communication.azure.com", "ftp://contoso.example", "https://user@contoso.example", "https://"])
    func `an endpoint that is none is said to be unreachable`(address: String) throws {
        let error = #expect(throws: ServiceError.self) { try Example.wire(at: address).request(for: .listThreads()) }
        #expect(error?.code == .unreachable && error?.certainty == .notApplied)
    }
}
