import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Files on their way up: two steps, and what each may answer (wire page §5).
struct UploadTests {
    private func upload(_ storage: Storage, _ text: String = "hello") async throws -> AvayaAttachment {
        let file = AvayaLocalFile(path: try storage.file("a.txt", text), mediaType: "text/plain")
        return try await storage.client().upload(file, in: Example.space)
    }

    @Test func `a file and its thumbnail go to the addresses that one call named`() async throws {
        let storage = try Storage()
        let file = AvayaLocalFile(path: try storage.file("f", "picture"), name: "Sea.png", mediaType: "image/png")
        let small = AvayaLocalFile(path: try storage.file("t", "tiny"), mediaType: "image/jpeg")
        let moved = Shared<[Int64]>([])
        let attachment = try await storage.client(passwords: [Example.space: "open"]).upload(
            file, thumbnail: small, in: Example.space
        ) { sent in moved.update { $0.append(sent) } }
        #expect(
            storage.asked.map(\.text) == [
                #"{"files":[{"Content-Length":7,"Content-Type":"image/png"},"#
                    + #"{"Content-Length":4,"Content-Type":"image/jpeg"}],"topicId":"\#(Example.space)"}"#
            ])
        #expect(
            storage.put.map(\.line) == [
                "PUT /b%2Fu/k-2?Expires=1&Signature=s%2B2", "PUT /b%2Fu/k-1?Expires=1&Signature=s%2B1",
            ])
        #expect(storage.put.map(\.text) == ["tiny", "picture"])
        #expect(storage.put.map { $0.head.headerFields[.contentType] } == ["image/jpeg", "image/png"])
        #expect(storage.put.map { $0.head.headerFields[.contentLength] } == ["4", "7"])
        #expect(attachment.fileID == "k-1" && attachment.thumbnailFile == "k-2")
        #expect(attachment.name == "Sea.png" && attachment.size == 7)
        #expect(attachment.fileType == "image" && attachment.mediaType == "image/png")
        #expect(moved.value == [7])
    }

    @Test func `the storage is told nothing of the user`() async throws {
        let storage = try Storage()
        let file = AvayaLocalFile(path: try storage.file("f", "x"), mediaType: "text/plain")
        _ = try await storage.client(passwords: [Example.space: "open"]).upload(file, in: Example.space)
        #expect(storage.asked.first?.authorization == "jwt t-1")
        #expect(storage.asked.first?.head.headerFields.contains { $0.value == "open" } == true)
        let put = try #require(storage.put.first)
        #expect(Set(put.head.headerFields.map(\.name.canonicalName)) == ["content-type", "content-length"])
    }

    @Test(
        arguments: zip(
            ["image/png", "VIDEO/mp4", "audio/ogg", "application/pdf", "text/plain", "", "imagination"],
            ["image", "video", "audio", "document", "document", "document", "document"]))
    func `a media type makes a kind of file`(_ mediaType: String, _ kind: String) async throws {
        let storage = try Storage()
        let file = AvayaLocalFile(path: try storage.file("f", "x"), mediaType: mediaType)
        #expect(try await storage.client().upload(file).fileType == kind)
    }

    @Test(arguments: [400, 403, 410])
    func `a refused address is asked for once more`(_ status: Int) async throws {
        let storage = try Storage { _, number in number == 1 ? .plain(status, "<Error/>") : .empty(200) }
        let attachment = try await upload(storage)
        #expect(attachment.fileID == "k-2")
        #expect(storage.put.map(\.text) == ["hello", "hello"] && storage.asked.count == 2)
    }

    @Test(arguments: zip([400, 401, 403], [ServiceError.Code.invalid, .forbidden, .forbidden]))
    func `an address that is refused again is no matter of the account`(_ status: Int, _ code: ServiceError.Code) async throws {
        let storage = try Storage { _, _ in .json(status, #"{"message":"Signature=s+1 is wrong"}"#) }
        let error = await #expect(throws: ServiceError.self) { try await upload(storage) }
        #expect(error?.code == code && error?.certainty == .notApplied && error?.scope == .lane)
        #expect(error?.serviceMessage == nil && storage.put.count == 2)
    }

    @Test func `an upload cut in half may be there, and harms nobody`() async throws {
        let storage = try Storage { _, _ throws(TransportError) in
            throw TransportError(.connectionLost, requestMayHaveArrived: true)
        }
        let error = await #expect(throws: ServiceError.self) { try await upload(storage) }
        #expect(error?.code == .answerLost && error?.certainty == .unknown && error?.scope == .lane)
        #expect(storage.put.count == 1)
    }

    @Test(arguments: [500, 503])
    func `a storage that fails stops nothing else`(_ status: Int) async throws {
        let storage = try Storage { _, _ in .empty(status, [("Retry-After", "7")]) }
        let error = await #expect(throws: ServiceError.self) { try await upload(storage) }
        #expect(error?.code == .serverFailure && error?.certainty == .unknown && error?.scope == .lane)
        #expect(error?.retryAfter == .seconds(7) && storage.put.count == 1)
    }

    @Test func `a redirect is not followed`() async throws {
        let storage = try Storage { _, _ in .empty(307, [("Location", "https://elsewhere.example/")]) }
        let error = await #expect(throws: ServiceError.self) { try await upload(storage) }
        #expect(error?.code == .unreadable && storage.put.count == 1)
    }

    @Test func `thirty addresses a minute are a limit of their own`() async throws {
        let http = ScriptedHTTP(.json(429, #"{"code":"rate"}"#, [("Retry-After", "12")]))
        let storage = try Storage()
        let client = AvayaSpacesClient(
            servers: try Example.servers(), credential: try JWTAuthenticator(token: "t-1"), transport: http)
        let file = AvayaLocalFile(path: try storage.file("f", "x"), mediaType: "text/plain")
        let error = await #expect(throws: ServiceError.self) { try await client.upload(file) }
        #expect(error?.code == .throttled && error?.scope == .lane && error?.retryAfter == .seconds(12))
    }

    @Test func `more than the largest file leaves nothing`() async throws {
        let storage = try Storage()
        let path = try storage.sparseFile("f", bytes: UInt64(AvayaLimits.largestFile) + 1)
        let error = await #expect(throws: ServiceError.self) {
            try await storage.client().upload(AvayaLocalFile(path: path, mediaType: "video/mp4"))
        }
        #expect(error?.code == .tooLarge && error?.certainty == .notApplied && storage.http.sent.isEmpty)
    }

    @Test func `a file that is not there leaves nothing`() async throws {
        let storage = try Storage()
        let error = await #expect(throws: ServiceError.self) {
            try await storage.client().upload(AvayaLocalFile(path: storage.path("absent"), mediaType: "video/mp4"))
        }
        #expect(error?.code == .fileUnusable && error?.certainty == .notApplied && storage.http.sent.isEmpty)
    }

    @Test(arguments: ["http://storage.example", "https://user@storage.example", "ftp://storage.example", "https://"])
    func `an address that is neither https nor here is not gone to`(_ address: String) async throws {
        let storage = try Storage(at: address)
        let error = await #expect(throws: ServiceError.self) { try await upload(storage) }
        #expect(error?.code == .unreadable && storage.put.isEmpty)
    }

    @Test func `plain http is gone to on this machine`() async throws {
        let storage = try Storage(at: "http://127.0.0.1:8080")
        #expect(try await upload(storage).fileID == "k-1")
        #expect(storage.put.first?.head.authority == "127.0.0.1:8080" && storage.put.first?.head.scheme == "http")
    }
}
