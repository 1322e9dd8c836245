import Testing
import TidemarkTranscripts

/// Transcripts of LiveKit rooms: what is refused, and that differences are told.
@Suite struct RoomTranscriptTests {
    private static let head = #"{"transcript":1,"service":"livekit","user":"alice","title":"t","room":{"name":"lobby"}}"#
    private static let beginning = [
        head, #"{"act":"create","topic":"lobby","as":"lobby"}"#, #"{"room":"started"}"#,
        #"{"act":"send","to":"lobby","text":"hi","token":"t-1","as":"mine"}"#,
    ]

    private func transcript(_ lines: [String]) throws -> Transcript {
        try Transcript(Array(lines.joined(separator: "\n").utf8))
    }

    private func differences(_ lines: [String]) throws -> [String] {
        try Fixture.player.play(try transcript(Self.beginning + lines)).differences
    }

    @Test(arguments: [
        #"{"transcript":2,"service":"livekit","user":"alice","title":"t","room":{"name":"lobby"}}"#,
        #"{"transcript":1,"service":"livekit","user":"alice","title":"t"}"#,
        #"{"transcript":1,"service":"livekit","user":"alice","title":"t","room":{"name":"lobby","walls":4}}"#,
        #"{"transcript":1,"service":"livekit","user":"alice","title":"t","room":{"name":"lobby","edits":"all"}}"#,
        #"{"transcript":1,"service":"livekit","user":"alice","title":"t","room":{"name":"lobby","reliableBytes":0}}"#,
        #"{"transcript":1,"service":"azure","user":"alice","title":"t","room":{"name":"lobby"}}"#,
    ])
    func `a head that this build does not understand is refused`(head: String) {
        #expect(throws: TranscriptError.self) { try transcript([head]) }
    }

    @Test(arguments: [
        #"{"packet":"lk-chat-topic"}"#, #"{"packet":"lk-chat-topic","text":"a","volume":1}"#,
        #"{"packet":"lk-chat-topic","base64":"!"}"#, #"{"room":"painted"}"#, #"{"room":"opened"}"#,
        #"{"publish":"lk-chat-topic"}"#, #"{"publish":"lk-chat-topic","answer":"perhaps"}"#,
    ])
    func `a line that says nothing is refused`(line: String) {
        #expect(throws: TranscriptError.self) { try transcript([Self.head, line]) }
    }

    @Test func `a packet of a room has no place in another account`() throws {
        let lines = [
            #"{"transcript":1,"service":"azure","user":"alice","title":"t"}"#, #"{"packet":"lk-chat-topic","text":"{}"}"#,
        ]
        #expect(throws: TranscriptError.self) { try Fixture.player.play(try transcript(lines)) }
    }

    @Test func `a name stands for what was there first`() throws {
        let repeated = { (id: String) in
            [
                #"{"publish":"lk-chat-topic","payload":{"id":"$id","message":"hi"},"answer":"lost"}"#, #"{"advance":"5s"}"#,
                #"{"publish":"lk-chat-topic","payload":{"id":"\#(id)"},"answer":"taken"}"#,
            ]
        }
        #expect(try differences(repeated("$id")) == [])
        // Another value under the name, and a name that nothing has yet.
        #expect(throws: TranscriptError.self) { try differences(repeated("another")) }
        let early = #"{"packet":"lk-chat-topic","identity":"bob","payload":{"id":"$nothing","message":"m"}}"#
        #expect(throws: TranscriptError.self) { try differences([early]) }
    }

    @Test func `what is still under way at the end is a difference`() throws {
        #expect(try differences([]) == ["the end: PUBLISH lk-chat-topic is still under way"])
        #expect(
            try differences([#"{"publish":"lk-chat-topic","as":"slow"}"#]) == [
                "the end: the request \"slow\" was never answered"
            ])
    }

    @Test func `a packet of another text is not the one`() {
        #expect(throws: TranscriptError.self) {
            try differences([#"{"publish":"lk-chat-topic","payload":{"message":"ho"},"answer":"taken"}"#])
        }
        #expect(throws: TranscriptError.self) { try differences([#"{"publish":"lk-chat-update-topic","answer":"taken"}"#]) }
    }
}
