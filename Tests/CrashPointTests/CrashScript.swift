import Foundation
import TidemarkAzure
import TidemarkModel
import TidemarkTranscripts

/// A day of one user as a transcript: what is written goes out, is answered and is read again.
enum CrashScript {
    private static let thread = "19:trip@thread.v2"
    private static let alice = #"{"rawId":"8:acs:res_alice","communicationUser":{"id":"8:acs:res_alice"}}"#
    private static let bob = #"{"rawId":"8:acs:res_bob","communicationUser":{"id":"8:acs:res_bob"}}"#

    static let player = TranscriptPlayer { _, endpoint in
        guard let url = URL(string: endpoint) else { throw CocoaError(.fileReadInvalidFileName) }
        return AzureChatService.wire(endpoint: url)
    }

    /// About this many lines that do something.
    static func transcript(operations: Int) throws -> Transcript {
        var lines = [
            #"{"transcript":1,"service":"azure","user":"8:acs:res_alice","title":"A day","starts":"2026-01-05T10:00:00Z"}"#,
            #"{"standing":"GET /chat/threads","answer":{"body":{"value":[{"id":"\#(thread)","topic":"Trip","lastMessageReceivedOn":"2026-01-05T09:00:00Z"}]}}}"#,
            #"{"standing":"GET /chat/threads/\#(thread)","answer":{"body":{"id":"\#(thread)","topic":"Trip","createdOn":"2026-01-05T08:00:00Z","createdByCommunicationIdentifier":\#(bob)}}}"#,
            #"{"standing":"GET /chat/threads/\#(thread)/participants","answer":{"body":{"value":[{"communicationIdentifier":\#(alice)},{"communicationIdentifier":\#(bob)}]}}}"#,
            #"{"standing":"GET /chat/threads/\#(thread)/readReceipts","answer":{"body":{"value":[]}}}"#,
            messages([]), #"{"advance":"1s"}"#,
        ]
        var sent: [(id: Int, token: String, text: String)] = []
        var id = 1_767_607_300_000
        var round = 0
        while lines.count < operations {
            round += 1
            id += 8000
            // The service's pace for one thread.
            lines.append(#"{"advance":"7s"}"#)
            let token = "t-\(round)"
            lines.append(#"{"act":"send","to":"Trip","text":"text \#(round)","token":"\#(token)","as":"m\#(round)"}"#)
            sent.append((id, token, "text \(round)"))
            if round % 5 == 0 {
                // A lost answer: found by its token.
                lines.append(messages(sent))
                lines.append(request("POST", "", #","answer":"lost""#))
            } else {
                lines.append(request("POST", "", #","answer":{"status":201,"body":{"id":"\#(id)"}}"#))
                lines.append(messages(sent))
            }
            if round % 3 == 0 {
                lines.append(
                    #"{"act":"edit","message":"m\#(round)","text":"text \#(round), better","token":"e-\#(round)"}"#)
                lines.append(request("PATCH", "/\(id)", #","answer":{"status":204}"#))
            }
            if round % 7 == 0 {
                lines.append(#"{"act":"read","conversation":"Trip"}"#)
                lines.append(#"{"request":"POST /chat/threads/\#(thread)/readReceipts","answer":{"status":200}}"#)
            }
            if round % 11 == 0 { lines.append(#"{"crash":true}"#) }
            lines.append(#"{"event":"chatMessageReceived","payload":\#(pushed(id + 500, round))}"#)
        }
        return try Transcript(Array(lines.joined(separator: "\n").utf8))
    }

    private static func request(_ method: String, _ path: String, _ rest: String) -> String {
        #"{"request":"\#(method) /chat/threads/\#(thread)/messages\#(path)"\#(rest)}"#
    }

    private static func messages(_ sent: [(id: Int, token: String, text: String)]) -> String {
        let items = sent.enumerated().reversed().map { index, message in
            #"{"id":"\#(message.id)","type":"text","sequenceId":"\#(index + 2)","version":"\#(message.id)","content":{"message":"\#(message.text)"},"createdOn":"\#(Timestamp(milliseconds: Int64(message.id)).rfc3339)","metadata":{"tidemarkToken":"\#(message.token)"},"senderCommunicationIdentifier":\#(alice)}"#
        }
        return
            #"{"standing":"GET /chat/threads/\#(thread)/messages","answer":{"body":{"value":[\#(items.joined(separator: ","))]}}}"#
    }

    private static func pushed(_ id: Int, _ number: Int) -> String {
        #"{"eventId":200,"groupId":"\#(thread)","senderId":"8:acs:res_bob","senderDisplayName":"Bob","recipientId":"8:acs:res_alice","messageId":"\#(id)","version":"\#(id)","type":"Text","messageBody":"answer \#(number)","originalArrivalTime":"\#(Timestamp(milliseconds: Int64(id)).rfc3339)"}"#
    }
}
