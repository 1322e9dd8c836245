import Testing
import TidemarkAzure
import TidemarkModel

/// Rule R1 as a table: what an answer, or none, says about the write.
struct FailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var code: ServiceError.Code
        var certainty: ServiceError.Certainty
        var scope = ServiceError.Scope.lane
        var testDescription: String { "\(status)" }
    }

    private static let send = Example.delivery(.send(OutgoingMessage("hello"), in: Example.thread))

    @Test(arguments: [
        Case(status: 400, code: .invalid, certainty: .notApplied),
        Case(status: 401, code: .unauthenticated, certainty: .notApplied, scope: .account),
        Case(status: 403, code: .forbidden, certainty: .notApplied),
        Case(status: 404, code: .notFound, certainty: .notApplied),
        Case(status: 405, code: .unsupported, certainty: .notApplied),
        Case(status: 408, code: .serverFailure, certainty: .unknown),
        Case(status: 409, code: .invalid, certainty: .notApplied),
        Case(status: 410, code: .notFound, certainty: .notApplied),
        Case(status: 413, code: .tooLarge, certainty: .notApplied),
        Case(status: 429, code: .throttled, certainty: .notApplied),
        Case(status: 499, code: .serverFailure, certainty: .unknown),
        Case(status: 500, code: .serverFailure, certainty: .unknown),
        Case(status: 502, code: .serverFailure, certainty: .unknown),
        Case(status: 503, code: .serverFailure, certainty: .unknown, scope: .host),
        Case(status: 504, code: .serverFailure, certainty: .unknown),
        Case(status: 302, code: .unreadable, certainty: .unknown),
    ])
    func `a status decides what failed and how sure that is`(expected: Case) throws {
        let wire = try Example.wire()
        let response = TransportResponse.json(expected.status, #"{"error":{"code":"C","message":"M"}}"#)
        let write = #expect(throws: ServiceError.self) { try wire.acceptance(of: response, for: Self.send) }
        #expect(write?.code == expected.code && write?.certainty == expected.certainty && write?.scope == expected.scope)
        #expect(write?.status == expected.status && write?.serviceCode == "C" && write?.serviceMessage == "M")
        let read = #expect(throws: ServiceError.self) {
            try wire.page(of: response, for: PageRequest(.messages(in: Example.thread)))
        }
        #expect(read?.code == expected.code && read?.certainty == .notApplied)
    }

    @Test(arguments: [
        (
            TransportError(.unreachable, requestMayHaveArrived: false), ServiceError.Code.unreachable,
            ServiceError.Certainty.notApplied, ServiceError.Scope.host
        ),
        (TransportError(.timeout, requestMayHaveArrived: false), .unreachable, .notApplied, .host),
        (TransportError(.timeout, requestMayHaveArrived: true), .answerLost, .unknown, .lane),
        (TransportError(.connectionLost, requestMayHaveArrived: true), .answerLost, .unknown, .lane),
        (TransportError(.responseTooLarge, requestMayHaveArrived: true), .unreadable, .unknown, .lane),
        (TransportError(.insecure, requestMayHaveArrived: false), .unreachable, .notApplied, .host),
        (TransportError(.cancelled, requestMayHaveArrived: true), .cancelled, .unknown, .lane),
        (TransportError(.cancelled, requestMayHaveArrived: false), .cancelled, .notApplied, .lane),
    ])
    func `a lost exchange is certain only where no byte can have left`(
        error: TransportError, code: ServiceError.Code, certainty: ServiceError.Certainty, scope: ServiceError.Scope
    ) throws {
        let write = try Example.wire().failure(error, for: Self.send)
        #expect(write.code == code && write.certainty == certainty && write.scope == scope)
        #expect(try Example.wire().failure(error, for: PageRequest(.conversations)).certainty == .notApplied)
    }

    @Test func `a limit counts a user's calls or a thread's`() throws {
        let wire = try Example.wire()
        let create = Example.delivery(.createConversation(topic: "t", participants: []))
        let error = #expect(throws: ServiceError.self) { try wire.acceptance(of: .empty(429), for: create) }
        #expect(error?.scope == .account)
        let list = #expect(throws: ServiceError.self) { try wire.page(of: .empty(429), for: PageRequest(.conversations)) }
        #expect(list?.scope == .account)
        let messages = PageRequest(.messages(in: Example.thread))
        #expect(#expect(throws: ServiceError.self) { try wire.page(of: .empty(429), for: messages) }?.scope == .lane)
    }

    @Test(arguments: [
        ([("Retry-After", "7")], Duration.seconds(7)),
        ([("retry-after-ms", "1500")], .milliseconds(1500)),
        ([("x-ms-retry-after-ms", "20")], .milliseconds(20)),
        ([("Retry-After", "Tue, 23 Mar 2021 00:59:52 GMT"), ("Date", "Tue, 23 Mar 2021 00:59:42 GMT")], .seconds(10)),
        ([("Retry-After", "Tue, 23 Mar 2021 00:59:52 GMT")], nil),
        ([("Retry-After", "0")], nil),
        ([("Retry-After", "-3")], nil),
        ([("Retry-After", "soon")], nil),
        ([("Retry-After", "nan")], nil),
        ([("Retry-After", "1e300")], .seconds(86_400)),
        ([], nil),
    ])
    func `the wait that the service asks for is read in every form`(fields: [(String, String)], wait: Duration?) throws {
        let response = TransportResponse.empty(429, fields)
        let error = #expect(throws: ServiceError.self) { try Example.wire().acceptance(of: response, for: Self.send) }
        #expect(error?.retryAfter == wait)
    }

    @Test(arguments: [
        ("error-lower-case.json", "A", "B"), ("error-preview2.json", "A", "B"), ("error-preview3.json", "A", "B"),
        ("error-preview5.json", "A", "B"), ("error-without-message.json", "A", nil), ("sign-in-page.html", nil, nil),
    ])
    func `the service's words are read in every wrapper it ever used`(name: String, code: String?, message: String?) throws {
        let body = try Fixture.text(name)
        let error = #expect(throws: ServiceError.self) {
            try Example.wire().acceptance(of: .json(400, body), for: Self.send)
        }
        #expect(error?.code == .invalid && error?.serviceCode == code && error?.serviceMessage == message)
    }

    @Test(arguments: [
        (#"{"error":"only words"}"#, nil, "only words"), (#"{"error":{"code":404,"message":null}}"#, "404", nil),
        (#"["no","object"]"#, nil, nil), ("", nil, nil),
    ])
    func `an error in no form at all is judged by its status`(body: String, code: String?, message: String?) throws {
        let error = #expect(throws: ServiceError.self) {
            try Example.wire().acceptance(of: .json(400, body), for: Self.send)
        }
        #expect(error?.code == .invalid && error?.serviceCode == code && error?.serviceMessage == message)
    }

    @Test func `words without end are cut, and no description repeats them`() throws {
        let body = #"{"error":{"code":"A","message":"\#(String(repeating: "secret ", count: 10_000))"}}"#
        let error = #expect(throws: ServiceError.self) {
            try Example.wire().acceptance(of: .json(400, body), for: Self.send)
        }
        #expect((error?.serviceMessage?.count ?? 0) == 2048)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(arguments: [TransportResponse.html(200), .json(200, "{}"), .json(201, "{\"id\":"), .json(201, #"{"id":""}"#)])
    func `a yes that can't be read leaves a send unknown`(response: TransportResponse) throws {
        let error = #expect(throws: ServiceError.self) { try Example.wire().acceptance(of: response, for: Self.send) }
        #expect(error?.code == .unreadable && error?.certainty == .unknown)
    }

    @Test func `a sign-in page of the network is not the service's yes`() throws {
        let delete = Example.delivery(.delete("1", in: Example.thread))
        let error = #expect(throws: ServiceError.self) { try Example.wire().acceptance(of: .html(200), for: delete) }
        #expect(error?.code == .unreadable && error?.certainty == .unknown)
        #expect(try Example.wire().acceptance(of: .empty(204), for: delete).failures.isEmpty)
    }

    @Test func `who was left out of a create or an add is told by name`() throws {
        let wire = try Example.wire()
        let create = Example.delivery(.createConversation(topic: "t", participants: []))
        let add = Example.delivery(.addParticipants([], in: Example.thread))
        let expected = [PartialFailure(target: "8:acs:r_2", code: "403", message: "Permissions check failed")]
        for form in ["partly", "partly-preview3"] {
            let made = try wire.acceptance(of: Fixture.answer(201, "created-\(form).json"), for: create)
            #expect(made.failures == expected && made.conversation?.id == "19:n@thread.v2")
            #expect(made.conversation?.createdBy == "8:acs:x_y")
            #expect(made.conversation?.createdAt == Timestamp(milliseconds: 1_704_164_645_123))
            #expect(try wire.acceptance(of: Fixture.answer(201, "added-\(form).json"), for: add).failures == expected)
        }
        #expect(throws: ServiceError.self) { try wire.acceptance(of: .json(201, #"{"invalidParticipants":"?"}"#), for: add) }
    }

    @Test func `the oldest version tells a create and an add by the status of everything`() throws {
        let create = Example.delivery(.createConversation(topic: "t", participants: []))
        let made = try Example.wire().acceptance(of: Fixture.answer(207, "created-preview2.json"), for: create)
        #expect(made.conversation?.id == "19:old@thread.v2")
        #expect(made.failures.map(\.target) == ["8:acs:bad"])
    }
}
