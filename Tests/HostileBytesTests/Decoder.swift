import Foundation
import HTTPTypes
import TidemarkAzure
import TidemarkLiveKit
import TidemarkModel
import TidemarkTranscripts

/// Everything in this package that reads bytes from outside.
enum Decoder: String, CaseIterable, Sendable {
    case page, acceptance, failure, event, nextLink, token, connectionString, date, transcript
    case liveKitPacket, liveKitStream, liveKitLine, liveKitAnswer
    case avayaSocketFrame, avayaSocketSession
    case avayaPage, avayaAnswer, avayaFailure, avayaEvent, avayaBody, avayaLink

    private static let thread: RemoteConversationID = "19:trip@thread.v2"
    static let endpoint = "https://chat.example"

    private static let subjects: [PageRequest.Subject] = [
        .conversations, .conversation(thread), .messages(in: thread), .message("1767603600000", in: thread),
        .participants(in: thread), .receipts(in: thread),
    ]

    private static let actions: [Delivery.Action] = [
        .createConversation(topic: "Trip", participants: []), .send(OutgoingMessage("hi"), in: thread),
        .edit("1767603600000", text: "hi", metadata: [:], in: thread), .delete("1767603600000", in: thread),
        .markRead("1767603600000", in: thread), .rename(thread, topic: "Trip"), .addParticipants([], in: thread),
        .removeParticipant("8:acs:a", in: thread), .deleteConversation(thread),
    ]

    /// Reads the bytes in every way there is. What it throws is an answer; what it traps on or never ends with is not.
    /// Returns how many readings gave a value.
    func read(_ bytes: [UInt8], _ wire: any ServiceWire) -> Int {
        var read = 0
        func reading(_ body: () throws -> Void) {
            if (try? body()) != nil { read += 1 }
        }
        switch self {
        case .page:
            for subject in Self.subjects {
                reading { _ = try wire.page(of: Self.response(200, bytes), for: PageRequest(subject)) }
            }
        case .acceptance:
            for action in Self.actions {
                for status in [200, 201, 204] {
                    let accepted = try? wire.acceptance(of: Self.response(status, bytes), for: Self.delivery(action))
                    // Most verbs are accepted by their status alone.
                    if accepted?.message != nil || accepted?.conversation != nil { read += 1 }
                }
            }
        case .failure:
            for status in [400, 401, 403, 404, 413, 429, 500, 503, 302, 299] {
                do throws(ServiceError) {
                    _ = try wire.acceptance(of: Self.response(status, bytes), for: Self.delivery(Self.actions[1]))
                } catch {
                    if error.serviceMessage != nil { read += 1 }
                }
                reading { _ = try wire.page(of: Self.response(status, bytes), for: PageRequest(.conversations)) }
            }
        case .event:
            for event in AzureEvent.allCases { reading { _ = try wire.events(named: event.name, payload: bytes) } }
            reading { _ = try AzureEvent.decode(payload: bytes) }
        case .nextLink:
            let request = PageRequest(.conversations, cursor: Cursor(String(decoding: bytes, as: UTF8.self)))
            reading {
                // Wherever it leads, it stays with the service.
                let built = try wire.request(for: request)
                guard built.head.scheme == "https", built.head.authority == "chat.example" else {
                    preconditionFailure("It left the service.")
                }
            }
        case .token: reading { _ = try AzureAccessToken(String(decoding: bytes, as: UTF8.self)) }
        case .connectionString: reading { _ = try AzureConnectionString(String(decoding: bytes, as: UTF8.self)) }
        case .date:
            let text = String(decoding: bytes.prefix(200), as: UTF8.self)
            if Timestamp(rfc3339: text) != nil { read += 1 }
            if HTTPDate.timestamp(text) != nil { read += 1 }
        case .transcript: reading { _ = try Transcript(bytes) }
        case .liveKitPacket, .liveKitStream, .liveKitLine, .liveKitAnswer: read += liveKit(bytes)
        case .avayaSocketFrame, .avayaSocketSession: read += avayaSocket(bytes)
        case .avayaPage, .avayaAnswer, .avayaFailure, .avayaEvent, .avayaBody, .avayaLink: read += avaya(bytes)
        }
        return read
    }

    /// What it reads when it is well, apart from the files of `Fixtures/fuzz`.
    var seeds: [String] {
        switch self {
        case .nextLink: ["https://chat.example/chat/threads?maxPageSize=3&nextPage=abc%2Fdef&api-version=2024-03-07"]
        case .token: ["eyJhbGciOiJub25lIn0.eyJza3lwZWlkIjoiYWNzOnJlc19hbGljZSIsImV4cCI6MTc2NzYwNzIwMH0.c2ln"]
        case .connectionString: ["endpoint=https://chat.example/;accesskey=c2VjcmV0LWtleQ=="]
        case .date: ["2026-01-05T10:00:00.123Z", "Mon, 05 Jan 2026 10:00:00 GMT", "2026-01-05T10:00:00+01:30"]
        case .avayaSocketFrame, .avayaSocketSession: avayaSocketSeeds
        default: liveKitSeeds + avayaSeeds
        }
    }

    private static func response(_ status: Int, _ bytes: [UInt8]) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        head.headerFields[.contentType] = "application/json; charset=utf-8"
        head.headerFields[.retryAfter] = String(decoding: bytes.prefix(8).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
        head.headerFields[.date] = String(decoding: bytes.prefix(30).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
        return TransportResponse(head: head, body: bytes)
    }

    private static func delivery(_ action: Delivery.Action) -> Delivery {
        Delivery(intent: IntentID(1), token: "t-1", action: action)
    }
}
