import Testing
import TidemarkAvaya
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

    private static let send = Example.delivery(.send(OutgoingMessage("hello"), in: Example.space))

    @Test(arguments: [
        Case(status: 400, code: .invalid, certainty: .notApplied),
        Case(status: 401, code: .unauthenticated, certainty: .notApplied, scope: .account),
        Case(status: 403, code: .forbidden, certainty: .notApplied),
        Case(status: 404, code: .notFound, certainty: .notApplied),
        Case(status: 408, code: .serverFailure, certainty: .unknown),
        Case(status: 413, code: .tooLarge, certainty: .notApplied),
        Case(status: 429, code: .throttled, certainty: .notApplied, scope: .account),
        Case(status: 500, code: .serverFailure, certainty: .unknown),
        Case(status: 502, code: .serverFailure, certainty: .unknown),
        Case(status: 503, code: .serverFailure, certainty: .unknown, scope: .host),
        Case(status: 504, code: .serverFailure, certainty: .unknown),
        Case(status: 302, code: .unreadable, certainty: .unknown),
    ])
    func `a status of Spaces decides what failed and how sure that is`(expected: Case) throws {
        let wire = try Example.wire()
        let response = TransportResponse.json(expected.status, #"{"code":"dotted.name","message":"Words"}"#)
        let write = #expect(throws: ServiceError.self) { try wire.acceptance(of: response, for: Self.send) }
        #expect(write?.code == expected.code && write?.certainty == expected.certainty && write?.scope == expected.scope)
        #expect(write?.status == expected.status && write?.serviceCode == "dotted.name" && write?.serviceMessage == "Words")
        let read = #expect(throws: ServiceError.self) {
            try wire.page(of: response, for: PageRequest(.messages(in: Example.space)))
        }
        #expect(read?.code == expected.code && read?.certainty == .notApplied)
    }

    @Test(arguments: [
        (
            TransportError(.unreachable, requestMayHaveArrived: false), ServiceError.Code.unreachable,
            ServiceError.Certainty.notApplied
        ),
        (TransportError(.timeout, requestMayHaveArrived: true), .answerLost, .unknown),
        (TransportError(.connectionLost, requestMayHaveArrived: true), .answerLost, .unknown),
        (TransportError(.responseTooLarge, requestMayHaveArrived: true), .unreadable, .unknown),
        (TransportError(.cancelled, requestMayHaveArrived: false), .cancelled, .notApplied),
    ])
    func `an exchange with Spaces that was lost is certain only where no byte can have left`(
        error: TransportError, code: ServiceError.Code, certainty: ServiceError.Certainty
    ) throws {
        let write = try Example.wire().failure(error, for: Self.send)
        #expect(write.code == code && write.certainty == certainty)
        #expect(try Example.wire().failure(error, for: PageRequest(.conversations)).certainty == .notApplied)
    }

    @Test func `calls with a limit of their own hold only their lane`() throws {
        let wire = try Example.wire()
        for action in [
            Delivery.Action.markRead("m", in: Example.space), .addParticipants([], in: Example.space),
            .createConversation(topic: "t", participants: []),
        ] {
            let error = #expect(throws: ServiceError.self) {
                try wire.acceptance(of: .empty(429, [("Retry-After", "7")]), for: Example.delivery(action))
            }
            #expect(error?.code == .throttled && error?.scope == .lane && error?.retryAfter == .seconds(7))
        }
    }

    @Test func `a guest is refused what was said, which is no end of being in the space`() throws {
        let response = TransportResponse.json(403, #"{"code":"dotted.name","message":"Words"}"#)
        for (isGuest, code) in [(true, ServiceError.Code.historyDenied), (false, .forbidden)] {
            var wire = try Example.wire()
            wire.isGuest = isGuest
            for since in [nil, Timestamp(milliseconds: 5)] {
                let error = #expect(throws: ServiceError.self) {
                    try wire.page(of: response, for: PageRequest(.messages(in: Example.space), startTime: since))
                }
                #expect(error?.code == code && error?.status == 403)
            }
            let space = #expect(throws: ServiceError.self) {
                try wire.page(of: response, for: PageRequest(.conversation(Example.space)))
            }
            #expect(space?.code == .forbidden)
        }
    }

    @Test func `a wrong space password is forbidden, and no word of a body stands in a description`() throws {
        let wire = try Example.wire(passwords: [Example.space: "wrong"])
        let error = #expect(throws: ServiceError.self) {
            try wire.page(
                of: .json(403, #"{"message":"Wrong password for hush"}"#), for: PageRequest(.messages(in: Example.space)))
        }
        #expect(error?.code == .forbidden && error?.serviceMessage == "Wrong password for hush")
        #expect(error.map { "\($0)".contains("hush") } == false)
    }

    @Test func `a message that is not there is not found`() throws {
        let wire = try Example.wire()
        let error = #expect(throws: ServiceError.self) {
            try wire.page(of: .json(404, "{}"), for: PageRequest(.message("m", in: Example.space)))
        }
        #expect(error?.code == .notFound)
    }
}
