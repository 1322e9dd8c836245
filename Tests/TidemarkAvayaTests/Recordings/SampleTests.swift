import Foundation
import Testing
import TidemarkAvaya
import TidemarkModel

/// The samples that the service's own documentation prints, and what its Python client sent.
@Suite(.enabled(if: AvayaRecording.isExpected)) struct SampleTests {
    private func json(_ bytes: [UInt8]) throws -> NSObject {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? NSObject)
    }

    @Test func `every sample is looked at`() throws {
        let covered: Set = [
            "ORIGIN.md", "anonymous-auth.request.json", "anonymous-auth.response.json", "delete-messages.request.json",
            "library-session-1.jsonl", "limit.response.partial.json", "post-chats.request.json", "post-chats.response.json",
            "service-configurations.response.json", "socket-channel_subscribed.json", "socket-send_message.partial.json",
            "socket-subscribe_channel.json", "users-me.response.partial.json",
        ]
        #expect(Set(try AvayaRecording.names()).subtracting(covered).isEmpty)
    }

    @Test func `the printed answer to a chat is read`() throws {
        let response = try AvayaRecording.answer("post-chats.response.json")
        let space: RemoteConversationID = "5f2276a8fe5c16664f01c5be"
        let delivery = Example.delivery(.send(OutgoingMessage("Hello world"), in: space))
        #expect(try Example.wire().acceptance(of: response, for: delivery).message == "5f2a9df91c85f02eb068a4e0")
        let page = try Example.wire().page(of: response, for: PageRequest(.messages(in: space)))
        let message = try #require(page.messages.first)
        #expect(page.rejects.isEmpty && message.text == "Hello world" && message.kind == .text)
        #expect(message.sender == "5efc5417aa4a347af96de290" && message.senderName == "example example")
        #expect(message.createdAt == Timestamp(rfc3339: "2020-08-05T11:54:33.290Z") && message.editedAt == nil)
        // The id's seconds are those of its creation.
        #expect(message.place == 1_596_628_473_290)
        let data = try JSONValue(reading: try #require(message.serviceData))
        #expect(data["attachments"]?.elements?.first?["fileId"]?.text == "80b65d25-d960-4356-ab4d-8b09590efcd0")
        #expect(message.serviceData?.contains("Signature") == false)
    }

    @Test func `the printed request of a chat is made, files and all`() throws {
        let message = AvayaOutgoingMessage(
            body: "Hello world",
            attachments: [
                AvayaAttachment(
                    fileID: "80b65d25-d960-4356-ab4d-8b09590efcd0", name: "env2 (1)", size: 3239, fileType: "document",
                    mediaType: "", icon: "")
            ])
        let request = try Example.wire().request(for: .send(message, to: Example.space))
        #expect(try json(request.body) == json(try AvayaRecording.bytes("post-chats.request.json")))
    }

    @Test func `the printed request of a deletion is made`() throws {
        let ids: [RemoteMessageID] = [
            "58e3d0cb9dbbbd1b0e1c9f53", "5942f21cad73d2815b272a95", "5942edd99db385796bdcc4d6", "5942f4e0c7b53d85bf75da13",
        ]
        let request = try Example.wire().request(for: .delete(ids, in: nil))
        #expect(try json(request.body) == json(try AvayaRecording.bytes("delete-messages.request.json")))
    }

    @Test func `the printed user is read`() throws {
        let user = try Example.wire().user(try AvayaRecording.answer("users-me.response.partial.json"), of: .me)
        #expect(user.id == "5890b1243bab0e18ff044943" && user.displayName == "Patrick-123 Han-han" && !user.isGuest)
        #expect(user.username == "example.user1@esna.com" && user.serviceData?.contains("timezone") == true)
    }

    @Test func `the reads of the Python client are made as it makes them`() throws {
        let session = try AvayaRecording.session()
        let reads = session.filter { $0["http"] as? String == "GET" }
        #expect(reads.count == 2)
        for read in reads {
            let path = try #require(read["path"] as? String)
            let request =
                path.hasSuffix("/users/me")
                ? try Example.wire().request(for: AvayaOperation.me)
                : try Example.wire().request(for: PageRequest(.conversation("5f2276a8fe5c16664f01c5be")))
            #expect(request.line == "GET \(path)" && request.body.isEmpty)
            #expect((read["authorization"] as? String)?.hasPrefix("jwt ") == true)
        }
    }
}
