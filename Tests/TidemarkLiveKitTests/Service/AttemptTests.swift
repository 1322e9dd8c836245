import Foundation
import HTTPTypes
import Testing
import TidemarkLiveKit
import TidemarkModel

/// A delivery step by step, without any I/O.
@Suite struct AttemptTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)
    private static let rooms = LiveKitRoomWire.Operation.listRooms(names: ["lobby"])

    private func adapter(
        carrier: LiveKitServiceConfiguration.Carrier? = nil, streams: Bool = false, hasServer: Bool = true
    ) throws -> LiveKitRoomAdapter {
        let endpoint = try #require(URL(string: "https://lk.example"))
        return LiveKitRoomAdapter(
            room: "lobby", participant: "alice",
            configuration: LiveKitServiceConfiguration(carrier: carrier, sendsTextStreams: streams), writesStreams: streams,
            server: hasServer ? LiveKitRoomWire(endpoint: endpoint) : nil)
    }

    private func delivery(_ action: Delivery.Action, room: String? = nil) -> Delivery {
        Delivery(
            intent: IntentID(1), token: "t-1", action: action, identity: "alice", deadline: Self.now + .seconds(30),
            wantedAt: Self.now, room: room)
    }

    private static let send = Delivery.Action.send(OutgoingMessage("hi"), in: "lobby")
    private static let edit = Delivery.Action.edit("m-1@alice", text: "hello", metadata: [:], in: "lobby")

    private func answer(_ status: Int, _ text: String = "{}") -> TransportResponse { .answer(status, text) }

    private func error(_ attempt: inout LiveKitAttempt) -> ServiceError? {
        guard case .end(.failure(let error)) = attempt.next(Self.now) else { return nil }
        return error
    }

    @Test func `a text stream leaves no room that it was not written for`() throws {
        var attempt = try adapter(streams: true).attempt(delivery(Self.send, room: "RM_1"), at: Self.now)
        #expect(attempt.next(Self.now) == .call(Self.rooms))
        attempt.answered(answer(200, #"{"rooms":[{"name":"lobby","sid":"RM_2"}]}"#))
        #expect(error(&attempt)?.code == .roomChanged)

        attempt = try adapter(streams: true).attempt(delivery(Self.send, room: "RM_1"), at: Self.now)
        attempt.answered(answer(200, #"{"rooms":[{"name":"lobby","sid":"RM_1"}]}"#))
        guard case .publishText("hi", let id) = attempt.next(Self.now) else { throw Unexpected() }
        attempt.published()
        guard case .publish(let packet) = attempt.next(Self.now) else { throw Unexpected() }
        #expect(String(decoding: packet.payload, as: UTF8.self).contains(id))
    }

    @Test(arguments: [DataChannelError.Code.notConnected, .tooLarge, .full])
    func `once one of two packets has left, nobody says that nothing was done`(code: DataChannelError.Code) throws {
        var attempt = try adapter().attempt(delivery(Self.edit), at: Self.now)
        var first = attempt
        first.failed(ServiceError(DataChannelError(code)))
        #expect(error(&first)?.certainty == .notApplied)
        attempt.published()
        attempt.failed(ServiceError(DataChannelError(code)))
        #expect(error(&attempt)?.certainty == .unknown)
    }

    @Test func `nothing leaves after the deadline`() throws {
        let late = Self.now + .seconds(30)
        var attempt = try adapter().attempt(delivery(Self.edit), at: Self.now)
        var first = attempt
        #expect(first.next(late) == .end(.failure(ServiceError(.tooLate, certainty: .notApplied))))
        attempt.published()
        #expect(attempt.next(late) == .end(.failure(ServiceError(.tooLate, certainty: .unknown))))
    }

    @Test(arguments: [
        (#"{"rooms":[]}"#, 200, ServiceError.Code.roomNotOpen, ServiceError.Certainty.notApplied),
        (#"{"rooms":[{"name":"lobby","sid":"RM_1"}]}"#, 200, .serverFailure, .unknown),
        ("later", 500, .serverFailure, .unknown),
    ])
    func `a server without an answer is asked for the room`(
        text: String, status: Int, code: ServiceError.Code, certainty: ServiceError.Certainty
    ) throws {
        var attempt = try adapter(carrier: .server).attempt(delivery(Self.send), at: Self.now)
        guard case .call(.sendData(let data)) = attempt.next(Self.now) else { throw Unexpected() }
        #expect(data.nonce != nil)
        attempt.answered(answer(503, #"{"code":"unavailable","msg":"no response from servers"}"#))
        #expect(attempt.next(Self.now) == .call(Self.rooms))
        attempt.answered(answer(status, text))
        let failure = try #require(error(&attempt))
        #expect(failure.code == code && failure.certainty == certainty && failure.status == 503)
    }

    @Test func `what has no way to leave has no first step`() throws {
        var foreign = try adapter().attempt(
            delivery(.edit("m-1@bob", text: "hello", metadata: [:], in: "lobby")), at: Self.now)
        #expect(error(&foreign)?.code == .otherSender)
        var nameless = try adapter(hasServer: false).attempt(
            delivery(.edit("m-1", text: "hello", metadata: [:], in: "lobby")), at: Self.now)
        #expect(error(&nameless)?.code == .otherSender)
    }

    private struct Unexpected: Error {}
}
