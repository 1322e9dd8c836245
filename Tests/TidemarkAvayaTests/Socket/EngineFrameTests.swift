import Foundation
import Testing
import TidemarkModel

@testable import TidemarkAvaya

@Suite struct EngineFrameTests {
    @Test(arguments: [
        ("1", EngineFrame.close), ("2", .ping("")), ("2probe", .ping("probe")), ("3", .pong("")), ("3probe", .pong("probe")),
        ("5", .upgrade), ("6", .noop), ("40", .message(SocketPacket(.connect, namespace: "/"))),
        ("41", .message(SocketPacket(.disconnect, namespace: "/"))),
        ("40/chat", .message(SocketPacket(.connect, namespace: "/chat"))),
        ("40/chat?token=a&tokenType=jwt,", .message(SocketPacket(.connect, namespace: "/chat", query: "token=a&tokenType=jwt"))),
        ("41/chat", .message(SocketPacket(.disconnect, namespace: "/chat"))),
        ("42/chat,[\"A\",{\"b\":1}]", .message(SocketPacket(.event("A", [SocketJSON("{\"b\":1}")]), namespace: "/chat"))),
        ("42[\"A\"]", .message(SocketPacket(.event("A", []), namespace: "/"))),
        (
            "42/chat,17[\"A\",1,2]",
            .message(SocketPacket(.event("A", [SocketJSON("1"), SocketJSON("2")]), namespace: "/chat", id: 17))
        ),
        ("43/chat,17[]", .message(SocketPacket(.acknowledgement([]), namespace: "/chat", id: 17))),
        ("4317[true]", .message(SocketPacket(.acknowledgement([SocketJSON("true")]), namespace: "/", id: 17))),
        ("44/chat,\"no\"", .message(SocketPacket(.error(SocketJSON("\"no\"")), namespace: "/chat"))),
        ("44/chat", .message(SocketPacket(.error(nil), namespace: "/chat"))),
    ])
    func `a frame is read and written again`(_ text: String, _ frame: EngineFrame) throws {
        #expect(try EngineFrame(text) == frame)
        #expect(frame.text == text)
    }

    @Test(arguments: ["40/chat", "40/chat,", "40/chat?", "40/chat?a=b", "40/chat?a=b,"])
    func `a namespace is the same with and without comma and query`(_ text: String) throws {
        guard case .message(let packet) = try EngineFrame(text) else { return #expect(Bool(false), "It is a message.") }
        #expect(packet.kind == .connect)
        #expect(packet.namespace == "/chat")
    }

    @Test(
        arguments: [
            ("0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":60000}", "a", 25_000, 60_000),
            ("0{\"pingTimeout\":5000.9,\"pingInterval\":\"often\"}", nil, nil, 5_000),
            ("0{\"sid\":7,\"pingInterval\":null,\"pingTimeout\":1e400}", nil, nil, nil),
            ("0{\"pingInterval\":9223372036854775807,\"pingTimeout\":-1}", nil, .max, -1),
        ] as [(String, String?, Int64?, Int64?)])
    func `an opening is read as far as it goes`(_ text: String, _ sid: String?, _ interval: Int64?, _ timeout: Int64?) throws {
        #expect(
            try EngineFrame(text) == .open(EngineOpening(sid: sid, pingInterval: interval, pingTimeout: timeout)))
    }

    @Test(arguments: [
        ("", SocketFrameError.Code.malformed), ("7", .malformed), ("x", .malformed), ("4", .malformed), ("49", .malformed),
        ("0", .malformed), ("0[]", .malformed), ("0{", .malformed), ("0{}x", .malformed), ("42", .malformed),
        ("42{}", .malformed), ("42[]", .malformed), ("42[1]", .malformed), ("42[\"A\"]]", .malformed), ("42[\"A\",]", .malformed),
        ("42/chat", .malformed), ("42/chat[\"A\"]", .malformed), ("43/chat,", .malformed),
        ("42/chat,99999999999999999999[\"A\"]", .malformed), ("451-[\"A\",{\"_placeholder\":true,\"num\":0}]", .binary),
        ("46/chat,1-3[]", .binary), ("b4AAAA", .binary),
    ])
    func `what is no frame is refused`(_ text: String, _ code: SocketFrameError.Code) {
        let error = #expect(throws: SocketFrameError.self) { try EngineFrame(text) }
        #expect(error?.code == code)
    }

    @Test func `too much of anything is refused`() {
        let deep = "42[\"A\"," + String(repeating: "[", count: 100_000)
        let many = "42[\"A\"" + String(repeating: ",1", count: 10_000) + "]"
        let name = "40/" + String(repeating: "n", count: 10_000)
        let large = "2" + String(repeating: "x", count: EngineFrame.maximumBytes)
        for (text, code) in [(deep, SocketFrameError.Code.malformed), (many, .malformed), (name, .tooLarge), (large, .tooLarge)] {
            let error = #expect(throws: SocketFrameError.self) { try EngineFrame(text) }
            #expect(error?.code == code)
        }
    }

    @Test func `an error says nothing of the frame`() {
        let error = #expect(throws: SocketFrameError.self) { try EngineFrame("42[\"secret\" x") }
        #expect(error?.description.contains("secret") == false)
    }

    @Test(arguments: ["plain", "\"quoted\" \\ and\nlines\r\t", "\u{1}\u{1F}\u{7F}", "žluťoučký 👋 \u{2028}", ""])
    func `a text survives JSON`(_ text: String) throws {
        let json = SocketJSON(members: [("a", SocketJSON(string: text)), ("none", nil)])
        #expect(try object(json.bytes) == ["a": text])
        #expect(json["a"]?.text == text)
        #expect(json["none"] == nil)
    }

    @Test func `members are found, the later of two, and null is none`() {
        let json = SocketJSON(#" {"a":1,"b":{"c":[1,2]},"a":"x","n":null,"t":-1.5e3} "#)
        #expect(json["a"]?.text == "x")
        #expect(json["b"]?["c"]?.bytes == Array("[1,2]".utf8))
        #expect(json["n"] == nil)
        #expect(json["t"]?.integer == -1_500)
        #expect(json["a"]?["b"] == nil)
        #expect(SocketJSON("[1]")["a"] == nil)
        #expect(SocketJSON("{\"a\":")["a"] == nil)
    }
}

@Suite(.enabled(if: SocketRecording.isExpected, "the recordings are not here; TIDEMARK_RECORDINGS names their folder"))
struct RecordedFramesTests {
    @Test func `every recorded frame is read`() throws {
        for line in try SocketRecording.frames() {
            let frame = try EngineFrame(line.text)
            // The client's frames are evidence of the form, down to the byte.
            if line.fromClient { #expect(frame.text == line.text) }
        }
    }

    @Test func `we write what the real client writes`() throws {
        let sent = try SocketRecording.frames().filter(\.fromClient).map(\.text)
        #expect(sent.contains(EngineFrame.ping("").text))
        #expect(sent.contains(SpacesEvent.subscribing("5f2276a8fe5c16664f01c5be", password: nil)))
        let ours = try payload(
            SpacesEvent.sending(SpacesMessage(token: "t", space: "5f2276a8fe5c16664f01c5be", body: "Hello world")))
        let theirs = try payload(try #require(sent.first { $0.contains("Hello world") }))
        // The sender may be left out (wire page §6), and the loopback is ours.
        let missing = Set(theirs.keys).subtracting(ours.keys)
        #expect(missing == ["sender"])
        #expect(Set(ours.keys).subtracting(theirs.keys) == ["loopbackMetadata"])
        for name in ["content", "topicId", "category"] {
            #expect(ours[name] as? NSObject == theirs[name] as? NSObject, "\(name)")
        }
    }

    @Test func `the documented subscription is ours`() throws {
        let frame = SpacesEvent.subscribing("594140a11d108619100a7363", password: nil)
        #expect(try payload(frame) as NSDictionary == object(SocketRecording.sample("socket-subscribe_channel.json")))
    }

    @Test func `the documented message has what ours has`() throws {
        let sample = try object(SocketRecording.sample("socket-send_message.partial.json"))
        let content = try #require(sample["content"] as? [String: Any])
        let data = SocketJSON(try JSONSerializationBytes.of(try #require(content["data"])))
        let frame = SpacesEvent.sending(
            SpacesMessage(token: "t", space: "594140a11d108619100a7360", body: "this is the message.", attachments: data))
        let ours = try payload(frame)
        #expect(ours["content"] as? NSObject == sample["content"] as? NSObject)
        #expect(ours["topicId"] as? String == sample["topicId"] as? String)
        #expect(ours["category"] as? String == sample["category"] as? String)
    }

    @Test func `the documented confirmation names its space`() throws {
        let payload = SocketJSON(try SocketRecording.sample("socket-channel_subscribed.json"))
        #expect(payload["channel"]?["_id"]?.text == "5f1051f0f3ed772f915e19ed")
    }

    private func payload(_ frame: String) throws -> [String: Any] {
        guard case .message(let packet) = try EngineFrame(frame), case .event(_, let arguments) = packet.kind else { return [:] }
        return try object(try #require(arguments.first).bytes) as? [String: Any] ?? [:]
    }
}
