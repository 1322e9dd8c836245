import Testing
import TidemarkAvaya
import TidemarkModel

/// Answers to what the engine asked to be done.
struct AnswerTests {
    private func accept(_ response: TransportResponse, _ action: Delivery.Action) throws -> Acceptance {
        try Example.wire().acceptance(of: response, for: Example.delivery(action))
    }

    private static let send = Delivery.Action.send(OutgoingMessage("x"), in: Example.space)
    private static let delete = Delivery.Action.delete("m-1", in: Example.space)
    private static let create = Delivery.Action.createConversation(topic: "Trip", participants: [])

    @Test func `a send tells its message, under data or bare`() throws {
        let item = try Example.message()
        for body in [#"{"data":[\#(item)]}"#, #"{"data":\#(item)}"#, item] {
            let acceptance = try accept(.json(200, body, [("Date", "Tue, 02 Jan 2024 03:04:10 GMT")]), Self.send)
            #expect(acceptance.message == Example.message)
            #expect(acceptance.serverDate == Timestamp(rfc3339: "2024-01-02T03:04:10Z") && acceptance.bytes > 0)
        }
    }

    @Test(arguments: ["", "{}", #"{"data":[]}"#, #"{"data":[{}]}"#, "OK", #"{"data":[{"_id":7}"#])
    func `a success that tells no message is not certain`(body: String) throws {
        let error = #expect(throws: ServiceError.self) { try accept(.json(200, body), Self.send) }
        #expect(error?.code == .unreadable && error?.certainty == .unknown)
    }

    @Test func `a create tells its space`() throws {
        for body in [#"{"data":[{"topicId":"s-9"}]}"#, #"{"data":{"topicId":"s-9"}}"#, #"{"topicId":"s-9"}"#] {
            let space = try #require(try accept(.json(200, body), Self.create).conversation)
            #expect(space.id == "s-9" && space.topic == "Trip")
        }
        let error = #expect(throws: ServiceError.self) { try accept(.json(200, #"{"data":[]}"#), Self.create) }
        #expect(error?.certainty == .unknown)
    }

    @Test func `a delete that was done is done`() throws {
        for body in [#"{"deletedMessages":["m-1"]}"#, #"{"data":{"deletedMessages":[{"_id":"m-1"}],"notFoundMmessages":[]}}"#] {
            #expect(try accept(.json(200, body), Self.delete).failures.isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"deletedMessages":[],"notFoundMmessages":["m-1"]}"#, ServiceError.Code.notFound, nil as String?),
        (#"{"notFoundMessages":["m-1"]}"#, .notFound, nil),
        (#"{"noPermittedMessages":[{"messageId":"m-1"}]}"#, .forbidden, nil),
        (
            #"{"notDeletedMessages":[{"messageId":"m-1","reason":{"code":"message.locked","message":"It is locked"}}]}"#,
            .invalid, "message.locked"
        ),
    ])
    func `a delete that was not done says why, and nothing was written`(
        body: String, code: ServiceError.Code, serviceCode: String?
    ) throws {
        let error = #expect(throws: ServiceError.self) { try accept(.json(200, body), Self.delete) }
        #expect(error?.code == code && error?.certainty == .notApplied && error?.serviceCode == serviceCode)
    }

    @Test(arguments: ["{}", #"{"deletedMessages":["m-2"]}"#, "[]", "OK"])
    func `a delete that nothing is told of is not certain`(body: String) throws {
        let error = #expect(throws: ServiceError.self) { try accept(.json(200, body), Self.delete) }
        #expect(error?.code == .unreadable && error?.certainty == .unknown)
    }

    @Test(arguments: [
        Delivery.Action.edit("m-1", text: "x", metadata: [:], in: Example.space), .markRead("m-1", in: Example.space),
        .rename(Example.space, topic: "x"), .addParticipants([], in: Example.space),
    ])
    func `a yes without content is a yes, a page for a browser is none`(action: Delivery.Action) throws {
        for yes: TransportResponse in [
            .empty(200), .empty(204), .json(200, "{}"), .plain(200, "OK", [("Content-Type", "text/plain")]), .json(201, "[]"),
        ] {
            #expect(try accept(yes, action).message == nil)
        }
        for no: TransportResponse in [.html(200), .plain(200, "  <!doctype html>")] {
            let error = #expect(throws: ServiceError.self) { try accept(no, action) }
            #expect(error?.code == .unreadable && error?.certainty == .unknown)
        }
    }
}
