import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Files on their way down (wire page §5).
struct DownloadTests {
    private func download(_ storage: Storage, maximumBytes: Int64 = 1000) async throws {
        try await storage.client().download("k-9", to: storage.path("f"), maximumBytes: maximumBytes)
    }

    @Test func `an address is asked for each time, and its bytes become the file`() async throws {
        let storage = try Storage { _, number in .plain(200, "bytes \(number)") }
        for number in 1...2 {
            try await download(storage)
            #expect(try storage.text("f") == "bytes \(number)")
        }
        #expect(storage.asked.map(\.line) == ["POST /api/files/getdownloadurl", "POST /api/files/getdownloadurl"])
        #expect(storage.asked.map(\.text) == [#"{"fileKeys":["k-9"]}"#, #"{"fileKeys":["k-9"]}"#])
        #expect(
            storage.put.map(\.line) == [
                "GET /b%2Fu/k-9?Expires=1&Signature=s%2B1", "GET /b%2Fu/k-9?Expires=1&Signature=s%2B2",
            ])
        #expect(storage.put.allSatisfy { $0.head.headerFields.isEmpty })
        #expect(storage.names == ["f"])
    }

    @Test(arguments: [400, 403, 410])
    func `an expired address is asked for once more`(_ status: Int) async throws {
        let storage = try Storage { _, number in number == 1 ? .plain(status, "<Error/>") : .plain(200, "bytes") }
        try await download(storage)
        #expect(try storage.text("f") == "bytes" && storage.asked.count == 2)
    }

    @Test(
        arguments: zip(
            [400, 401, 403, 404, 307, 503],
            [ServiceError.Code.invalid, .forbidden, .forbidden, .notFound, .unreadable, .serverFailure]))
    func `a refusal leaves no file and stops no account`(_ status: Int, _ code: ServiceError.Code) async throws {
        let storage = try Storage { _, _ in .plain(status, "no", [("Location", "https://elsewhere.example/")]) }
        let error = await #expect(throws: ServiceError.self) { try await download(storage) }
        #expect(error?.code == code && error?.certainty == .notApplied && error?.scope == .lane)
        #expect(storage.names.isEmpty && storage.put.allSatisfy { $0.head.authority == "storage.example" })
    }

    @Test func `a service that knows the call by GET is asked so`() async throws {
        let asked = Shared<[String]>([])
        let http = ScriptedHTTP { sent, _ in
            if sent.head.authority == "storage.example" { return .plain(200, "bytes") }
            asked.update { $0.append(sent.line) }
            guard sent.head.method == .get else { return .empty(405) }
            return .json(200, #"{"data":["https://storage.example/x"]}"#)
        }
        let storage = try Storage()
        let client = AvayaSpacesClient(
            servers: try Example.servers(), credential: try JWTAuthenticator(token: "t-1"), transport: http)
        try await client.download("k/9", to: storage.path("f"))
        #expect(asked.value == ["POST /api/files/getdownloadurl", "GET /api/files/getdownloadurl?fileKeys=k%2F9"])
        #expect(try storage.text("f") == "bytes")
    }

    @Test(arguments: [#"{"data":[]}"#, #"{"data":[{"url":"https://storage.example/b","fileKey":"other"}]}"#])
    func `a file that the service leaves out is not there`(_ answer: String) async throws {
        let http = ScriptedHTTP(.json(200, answer))
        let client = AvayaSpacesClient(
            servers: try Example.servers(), credential: try JWTAuthenticator(token: "t-1"), transport: http)
        let storage = try Storage()
        let error = await #expect(throws: ServiceError.self) { try await client.download("k-9", to: storage.path("f")) }
        #expect(error?.code == .notFound && http.sent.count == 1)
    }

    @Test func `more than was allowed is too large`() async throws {
        let storage = try Storage { _, _ in .plain(200, "more than ten bytes") }
        let error = await #expect(throws: ServiceError.self) { try await download(storage, maximumBytes: 10) }
        #expect(error?.code == .tooLarge && storage.names.isEmpty)
    }

    @Test func `a folder that is not there is said`() async throws {
        let storage = try Storage { _, _ in .plain(200, "bytes") }
        let error = await #expect(throws: ServiceError.self) {
            try await storage.client().download("k-9", to: storage.path("absent/f"))
        }
        #expect(error?.code == .fileUnusable)
    }

    @Test(arguments: ["http://storage.example", "https://user@storage.example"])
    func `an address that is neither https nor here is not gone to`(_ address: String) async throws {
        let storage = try Storage(at: address)
        let error = await #expect(throws: ServiceError.self) { try await download(storage) }
        #expect(error?.code == .unreadable && storage.put.isEmpty)
    }
}
