import Foundation
import Testing
import TidemarkModel

/// What was written before there were files means what it meant, and what has none is written as before.
@Suite struct AttachmentCodingTests {
    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    @Test func `a message without files is the bytes that it always was`() throws {
        let plain = #"{"kind":"text","metadata":{},"text":"a"}"#
        #expect(try json(OutgoingMessage("a")) == plain)
        #expect(try read(OutgoingMessage.self, plain) == OutgoingMessage("a"))
        let remote = #"{"id":"1","metadata":{},"participants":[]}"#
        #expect(try json(RemoteMessage(id: "1")) == remote)
        #expect(try read(RemoteMessage.self, remote) == RemoteMessage(id: "1"))
    }

    @Test func `files and what is answered come back as they went`() throws {
        let file = RemoteAttachment(file: "k", name: "a.png", size: 7, contentType: "image/png", thumbnail: "t")
        let sent = OutgoingMessage("a", attachments: [file, RemoteAttachment(file: "l")], replyTo: "9")
        #expect(try read(OutgoingMessage.self, try json(sent)) == sent)
        let seen = RemoteMessage(id: "1", attachments: [file], replyTo: "9")
        #expect(try read(RemoteMessage.self, try json(seen)) == seen)
        #expect(throws: DecodingError.self) {
            try read(OutgoingMessage.self, #"{"kind":"text","metadata":{},"text":"a","attachments":[{"name":"x"}]}"#)
        }
    }

    @Test func `an upload may be made again for ever, whatever a service says of its verbs`() {
        let traits = ServiceTraits(service: "x", lostAnswers: [:])
        #expect(traits.lostAnswer(of: .upload) == .repeatable(for: nil) && traits.lostAnswer(of: .send) == .blind)
        #expect(AttachmentID("f12")?.number == 12 && AttachmentID("m12") == nil)
    }
}
