import Foundation
import Testing
import TidemarkAvaya
import TidemarkModel

/// The refresh token in a file.
struct FileKeeperTests {
    private func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keeper-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test func `a kept token is read back by another keeper, and only its owner may read it`() async throws {
        try await inFolder { folder in
            let file = folder.appending(path: "token")
            let keeper = FileRefreshTokenKeeper(file: file)
            #expect(try await keeper.load() == nil)
            try await keeper.save(KeptRefreshToken("r-1", mayBeSpent: true))
            #expect(try await FileRefreshTokenKeeper(file: file).load() == KeptRefreshToken("r-1", mayBeSpent: true))
            try await keeper.save(KeptRefreshToken("r\"2\\"))
            #expect(try await keeper.load() == KeptRefreshToken("r\"2\\"))
            let rights = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(rights == 0o600)
            try await keeper.save(nil)
            #expect(try await keeper.load() == nil)
            // Nothing is left beside it.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["token"])
        }
    }

    @Test func `a file whose rights were wider is replaced by one that is its owner's`() async throws {
        try await inFolder { folder in
            let file = folder.appending(path: "token")
            try Data("bare-token\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
            let keeper = FileRefreshTokenKeeper(file: file)
            #expect(try await keeper.load() == KeptRefreshToken("bare-token"))
            try await keeper.save(KeptRefreshToken("r-1"))
            let rights = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(rights == 0o600)
        }
    }

    @Test(arguments: ["{\"refresh_token\":7", "two words", "\u{0}", "žluť", String(repeating: "a", count: 70_000)])
    func `a file that holds no token says so and keeps its content`(content: String) async throws {
        try await inFolder { folder in
            let file = folder.appending(path: "token")
            try Data(content.utf8).write(to: file)
            let error = await #expect(throws: FileRefreshTokenKeeper.Failure.self) {
                try await FileRefreshTokenKeeper(file: file).load()
            }
            #expect(error.map { !"\($0)".contains(content.prefix(5)) && !"\($0)".contains(folder.path) } == true)
            #expect(try Data(contentsOf: file) == Data(content.utf8))
        }
    }

    @Test func `a folder that is not there fails the renewal before anything is asked`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "no-\(UUID().uuidString)/token")
        let transport = ScriptedHTTP(.json(200, #"{"access_token":"a","refresh_token":"r"}"#))
        let authenticator = OAuth2Authenticator(
            clientID: "id", clientSecret: "s", refreshToken: "r-0", keeper: FileRefreshTokenKeeper(file: file),
            servers: try Example.servers(), transport: transport)
        let error = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(error?.certainty == .notApplied && transport.sent.isEmpty)
        #expect(error?.serviceMessage?.contains("file can't be used") == true)
    }

    @Test func `two renewals of one file go one after the other`() async throws {
        try await inFolder { folder in
            let file = folder.appending(path: "token")
            try await FileRefreshTokenKeeper(file: file).save(KeptRefreshToken("r-0"))
            let valid = Shared("r-0")
            let number = Shared(0)
            // Each token works once: a renewal that had read its token too early would be refused.
            let transport = ScriptedHTTP { sent, _ in
                guard sent.text.contains("refresh_token=\(valid.value)&") else {
                    return .json(400, #"{"error":"invalid_grant"}"#)
                }
                for _ in 0..<20 { await Task.yield() }
                let next = number.update { number in
                    number += 1
                    return number
                }
                valid.set("r-\(next)")
                return .json(200, #"{"access_token":"a-\#(next)","refresh_token":"r-\#(next)"}"#)
            }
            let servers = try Example.servers()
            let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    // As many processes would: each has an authenticator and a keeper of its own.
                    group.addTask {
                        let keeper = FileRefreshTokenKeeper(
                            file: file, patience: .seconds(1_000_000_000), pause: { _ in await Task.yield() })
                        return try await OAuth2Authenticator(
                            clientID: "id", clientSecret: "s", keeper: keeper, servers: servers, transport: transport
                        ).access().token
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(tokens.count == 8)
            #expect(try await FileRefreshTokenKeeper(file: file).load() == KeptRefreshToken("r-8"))
        }
    }

    @Test func `a lock that is not freed in time is given up`() async throws {
        try await inFolder { folder in
            let file = folder.appending(path: "token")
            let waits = Shared(0)
            let other = FileRefreshTokenKeeper(file: file, patience: .milliseconds(200)) { _ in waits.update { $0 += 1 } }
            let error = try await FileRefreshTokenKeeper(file: file).exclusively {
                await #expect(throws: FileRefreshTokenKeeper.Failure.self) { try await other.exclusively {} }
            }
            #expect(error?.step == "another process holds the lock" && waits.value == 4)
            // Afterwards it is free.
            try await other.exclusively {}
        }
    }
}
