import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// A service and its storage that answer as a test says, and the files of that test.
final class Storage: Sendable {
    typealias Answer = @Sendable (ScriptedHTTP.Sent, Int) throws(TransportError) -> TransportResponse

    let http: ScriptedHTTP
    private let folder: URL

    /// - Parameters:
    ///   - address: where the storage lives.
    ///   - answer: of the storage, to its requests counted from 1.
    init(at address: String = "https://storage.example", _ answer: @escaping Answer = { _, _ in .empty(200) }) throws {
        let places = Shared(0)
        let stored = Shared(0)
        http = ScriptedHTTP { sent, _ throws(TransportError) in
            guard sent.head.authority != "spaces.example" else { return Self.places(for: sent, at: address, places) }
            return try answer(
                sent,
                stored.update {
                    $0 += 1
                    return $0
                })
        }
        folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-avaya-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A new key and a new signature for each file each time.
    private static func places(
        for sent: ScriptedHTTP.Sent, at address: String, _ count: Shared<Int>
    ) -> TransportResponse {
        let json = (try? JSONSerialization.jsonObject(with: Data(sent.body))) as? [String: Any]
        let keys = json?["fileKeys"] as? [String]
        let items = (0..<(keys?.count ?? (json?["files"] as? [Any])?.count ?? 0)).map { index -> String in
            let number = count.update {
                $0 += 1
                return $0
            }
            let key = keys?[index] ?? "k-\(number)"
            return #"{"url":"\#(address)/b%2Fu/\#(key)?Expires=1&Signature=s%2B\#(number)","fileKey":"\#(key)"}"#
        }
        return .json(200, #"{"data":[\#(items.joined(separator: ","))]}"#)
    }

    func client(passwords: [RemoteConversationID: String] = [:]) throws -> AvayaSpacesClient {
        AvayaSpacesClient(
            servers: try Example.servers(), credential: try JWTAuthenticator(token: "t-1", identity: Example.ann),
            transport: http, passwords: passwords)
    }

    var service: AvayaChatService {
        get throws {
            AvayaChatService(
                servers: try Example.servers(), credential: try JWTAuthenticator(token: "t-1", identity: Example.ann),
                transport: http, now: { Example.start })
        }
    }

    /// What went to the storage.
    var put: [ScriptedHTTP.Sent] { http.sent.filter { $0.head.authority != "spaces.example" } }
    /// What was asked of the service.
    var asked: [ScriptedHTTP.Sent] { http.sent.filter { $0.head.authority == "spaces.example" } }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: folder.appending(path: name))
        return path(name)
    }

    /// A file of zeros that takes no room.
    func sparseFile(_ name: String, bytes: UInt64) throws -> String {
        let path = try file(name, "")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: bytes)
        try handle.close()
        return path
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }
}
