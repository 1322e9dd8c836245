import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Files and answers as parts of messages, both ways.
struct MessageFileTests {
    private static let picture = RemoteAttachment(
        file: "k-1", name: "Sea.png", size: 7, contentType: "image/png", thumbnail: "k-2")

    @Test func `a send names its files and the message that it answers`() throws {
        let message = OutgoingMessage(
            "look", attachments: [Self.picture, RemoteAttachment(file: "k-3")], replyTo: "5f2a9df91c85f02eb068a4e1")
        let request = try Example.wire().request(for: Example.delivery(.send(message, in: Example.space)))
        #expect(
            request.text
                == #"{"content":{"bodyText":"look","data":[{"fileId":"k-1","fileSize":7,"fileType":"image","name":"Sea.png","#
                + #""provider":"native","providerFileType":"image/png","thumbnailFile":"k-2"},"#
                + #"{"fileId":"k-3","fileType":"document","provider":"native"}]},"#
                + #""parentMsg":{"_id":"5f2a9df91c85f02eb068a4e1"}}"#)
    }

    @Test func `a send without files and answers says nothing of them`() throws {
        let request = try Example.wire().request(for: Example.delivery(.send(OutgoingMessage("hello"), in: Example.space)))
        #expect(request.text == #"{"content":{"bodyText":"hello"}}"#)
    }

    @Test(.enabled(if: AvayaRecording.isExpected)) func `the documented answer has its file, without its address`() throws {
        let send = Example.delivery(.send(OutgoingMessage("Hello world"), in: Example.space))
        let answer = try AvayaRecording.answer("post-chats.response.json")
        #expect(try Example.wire().acceptance(of: answer, for: send).message == Example.message)
        let page = try Example.wire().page(of: answer, for: PageRequest(.messages(in: Example.space)))
        let message = try #require(page.messages.first)
        #expect(
            message.attachments == [
                RemoteAttachment(file: "80b65d25-d960-4356-ab4d-8b09590efcd0", name: "env2 (1)", size: 3239)
            ])
        #expect(message.serviceData?.contains("Signature") == false)
    }

    @Test(.enabled(if: AvayaRecording.isExpected)) func `the documented file is sent as documented`() throws {
        let file = RemoteAttachment(
            file: "80b65d25-d960-4356-ab4d-8b09590efcd0", name: "env2 (1)", size: 3239, contentType: "")
        let message = OutgoingMessage("Hello world", attachments: [file])
        let request = try Example.wire().request(for: Example.delivery(.send(message, in: Example.space)))
        let sent = try JSONValue(reading: request.body)["content"]?["data"]?.elements?.first?.members
        let known = try JSONValue(reading: AvayaRecording.bytes("post-chats.request.json"))["content"]?["data"]?.elements?.first
        for (name, value) in try #require(sent) { #expect(known?[name] == value, "\(name)") }
    }

    @Test func `a comment is an answer to its post`() throws {
        let json = try Example.message(more: #","parentMsg":{"_id":"5f2a9df91c85f02eb068a4ff","category":"idea"}"#)
        let page = try Example.wire().page(
            of: .json(200, #"{"data":[\#(json)]}"#), for: PageRequest(.messages(in: Example.space)))
        #expect(page.messages.first?.replyTo == "5f2a9df91c85f02eb068a4ff")
    }

    @Test func `a file that says nonsense harms nothing`() throws {
        let data = #"[{"fileId":"k-1","fileSize":-5},{"fileId":"k-2","fileSize":1e300},{"fileId":7},{},null,"x",{"fileId":""}]"#
        let json = try Example.message().replacing(#""data":[]"#, with: #""data":"# + data)
        let page = try Example.wire().page(
            of: .json(200, #"{"data":[\#(json)]}"#), for: PageRequest(.messages(in: Example.space)))
        let files = try #require(page.messages.first).attachments
        #expect(files.map(\.file).prefix(2) == ["k-1", "k-2"] && files.prefix(2).allSatisfy { $0.size == nil })
        #expect(!files.contains { $0.file == "" })
    }

    @Test func `more files than anybody attaches are bounded`() throws {
        let data = (0..<5_000).map { #"{"fileId":"k-\#($0)"}"# }.joined(separator: ",")
        let json = try Example.message().replacing(#""data":[]"#, with: #""data":["# + data + "]")
        let page = try Example.wire().page(
            of: .json(200, #"{"data":[\#(json)]}"#), for: PageRequest(.messages(in: Example.space)))
        #expect(page.messages.first?.attachments.count == 100)
    }

    // MARK: The service

    private func delivery(_ storage: Storage, size: Int64 = 7) throws -> Delivery {
        let file = OutgoingFile(
            path: try storage.file("f", "picture"), name: "Sea.png", contentType: "image/png", size: size,
            thumbnailPath: try storage.file("t", "tiny"), thumbnailType: "image/jpeg")
        return Example.delivery(.upload(file, in: Example.space), as: Example.ann)
    }

    @Test func `an upload tells by what its message names it`() async throws {
        let storage = try Storage()
        let acceptance = try await storage.service.upload(try delivery(storage)) { _ in }
        #expect(acceptance.attachment == Self.picture)
        #expect(storage.put.map(\.text) == ["tiny", "picture"])
    }

    @Test func `an upload for somebody else lets nothing out`() async throws {
        let storage = try Storage()
        var delivery = try delivery(storage)
        delivery.identity = Example.bob
        let other = delivery
        let error = await #expect(throws: ServiceError.self) { try await storage.service.upload(other) { _ in } }
        #expect(error?.code == .wrongIdentity && storage.http.sent.isEmpty)
    }

    @Test func `an upload whose time is over lets nothing out`() async throws {
        let storage = try Storage()
        var delivery = try delivery(storage)
        delivery.deadline = Example.start
        let late = delivery
        let error = await #expect(throws: ServiceError.self) { try await storage.service.upload(late) { _ in } }
        #expect(error?.code == .tooLate && storage.http.sent.isEmpty)
    }

    @Test func `a copy of another size than was attached lets nothing out`() async throws {
        let storage = try Storage()
        let changed = try delivery(storage, size: 8)
        let error = await #expect(throws: ServiceError.self) { try await storage.service.upload(changed) { _ in } }
        #expect(error?.code == .fileUnusable && error?.certainty == .notApplied && storage.http.sent.isEmpty)
    }

    @Test func `a download is the bytes of a key`() async throws {
        let storage = try Storage { _, _ in .plain(200, "picture") }
        try await storage.service.download("k-1", in: Example.space, to: storage.path("got")) { _ in }
        #expect(try storage.text("got") == "picture")
    }

    @Test func `the traits say what files and answers there are`() {
        for isGuest in [false, true] {
            let traits = ServiceTraits.avaya(isGuest: isGuest)
            #expect(traits.attachments?.maximumBytes == 1 << 30 && traits.attachments?.identifySends == true)
            #expect(traits.attachments?.maximumPerMessage == 20 && traits.replies)
            #expect(traits.lostAnswer(of: .upload) == .repeatable(for: nil))
            #expect(traits.rates.contains { $0.verbs == [.upload] && $0.count == 30 && $0.period == .seconds(60) })
        }
    }
}
