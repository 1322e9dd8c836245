import Foundation
import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// What the real client library sent in a recorded session, given to the simulator in order. The library's demands on the
/// answers are those of the wire page §9.
struct AvayaReplayTests {
    private static func lines() throws -> [JSON] {
        let data = try Data(contentsOf: Recordings.folder.appending(path: "avaya/library-session-1.jsonl"))
        return try data.split(separator: UInt8(ascii: "\n")).map { try #require(JSON(Array($0))) }
    }

    /// The ids and tokens of the recording, and those that stand for them here.
    private struct Replay {
        var bench = AvayaBench()
        var known: [String: String] = [:]
        var connections: [Int64: Int] = [:]

        func mapped(_ text: String) -> String { known.reduce(text) { $0.replacing($1.key, with: $1.value) } }

        mutating func request(_ line: JSON) -> AvayaBench.Answer {
            let answer = bench.call(
                line["http"]?.text ?? "", mapped(line["path"]?.text ?? ""), mapped(line["body"]?.text ?? ""),
                authorization: mapped(line["authorization"]?.text ?? ""), type: line["content_type"]?.text ?? "")
            for name in ["token", "_id"] where line["path"]?.text?.contains("/spaces/") == false {
                if let old = line["response"]?[name]?.text, let new = answer[name]?.text { known[old] = new }
            }
            return answer
        }

        mutating func frame(_ line: JSON) -> [String] {
            guard let socket = line["socket"]?.number, let connection = connections[socket] else { return [] }
            return AvayaBench.told(bench.hear(mapped(line["text"]?.text ?? ""), on: connection), connection)
        }
    }

    @Test(.enabled(if: Recordings.isExpected)) func `the recorded library gets from each step what it needs`() throws {
        var replay = Replay()
        replay.known["5f2276a8fe5c16664f01c5be"] = replay.bench.avaya.createSpace(
            "Space", by: replay.bench.avaya.users[0].id, now: replay.bench.time)
        var sent: [JSON] = []
        var events: [String] = []
        for line in try Self.lines() {
            if line["http"] != nil {
                let answer = replay.request(line)
                #expect(answer.status == 200)
                for (name, value) in line["response"]?.members ?? [] where ["token", "_id", "title"].contains(name) {
                    #expect((answer[name]?.text ?? "").isEmpty == (value.text ?? "").isEmpty, "\(name)")
                }
            } else if let target = line["open"]?.text {
                guard
                    case .opened(let connection, let sends) = replay.bench.avaya.open(
                        replay.mapped(target), now: replay.bench.time)
                else {
                    Issue.record("the socket was refused")
                    return
                }
                replay.connections[try #require(line["socket"]?.number)] = connection
                #expect(AvayaBench.told(sends).map { $0.prefix(2) } == ["0{", "40"])
            } else if line["dir"]?.text == "client" {
                let told = replay.frame(line)
                events += told.map { String($0.prefix { $0 != "{" }) }
                sent += told.compactMap { text in
                    text.hasPrefix(#"42/chat,["MESSAGE_SENT""#) ? JSON(Array(text.dropFirst(8).utf8))?.list?.last : nil
                }
            }
        }
        let expected =
            ["3", "40/chat", #"42/chat,["CHANNEL_SUBSCRIBED","#] + Array(repeating: #"42/chat,["MESSAGE_SENT","#, count: 2)
        #expect(events == expected)
        let bodies = sent.map { $0["content"]?["bodyText"]?.text }
        #expect(bodies == ["Hello world", "<p>two &amp; three</p>"])
        for message in sent {
            #expect(message["topicTitle"]?.text == "Space" && message["topicType"]?.text == "group")
            #expect(message["category"]?.text == "chat" && message["topicId"]?.text == replay.bench.avaya.spaces[0].id)
            #expect(message["sender"]?["_id"]?.text == replay.bench.avaya.users.last?.id)
        }
        #expect(replay.bench.avaya.users.last?.displayName == "Ann")
    }
}
