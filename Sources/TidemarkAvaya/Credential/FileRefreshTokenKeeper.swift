public import Foundation
import TidemarkModel

/// Keeps a refresh token in a file that only its owner may read (0600).
///
/// A token is written beside the file, synced, moved into its place, and the folder is synced. A lock file beside it
/// (`….lock`) lets one process renew at a time; the system frees it when its holder ends, however it ends.
public struct FileRefreshTokenKeeper: RefreshTokenKeeper {
    /// Why the file could not be used. It names no path and no token.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// What was tried: `open`, `lock`, …
        public var step: String
        /// The system's number of the error; 0 if it was none of the system's.
        public var code: Int32

        public var description: String {
            code == 0
                ? "The refresh token's file can't be used (\(step))."
                : "The refresh token's file can't be used (\(step): \(String(cString: strerror(code))))."
        }
    }

    /// More than any token; what is longer is another file.
    private static let maximumBytes = 65_536

    private let file: URL
    private let patience: Duration
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - file: made when a token is first saved; its folder has to be there. A bare token in it is read too.
    ///   - patience: how long another process's renewal is waited for.
    ///   - pause: between two looks at the lock; tests give their own.
    public init(
        file: URL, patience: Duration = .seconds(60),
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.file = file
        self.patience = patience
        self.pause = pause
    }

    public func load() async throws -> KeptRefreshToken? {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure(step: "open", code: errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(step: "read", code: errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= Self.maximumBytes else { throw Failure(step: "it is too long", code: 0) }
        }
        return try Self.kept(bytes)
    }

    private static func kept(_ bytes: [UInt8]) throws -> KeptRefreshToken? {
        if let json = try? JSONValue(reading: bytes), json.members != nil {
            guard let token = json["refresh_token"]?.text, !token.isEmpty else { return nil }
            return KeptRefreshToken(token, mayBeSpent: json["may_be_spent"]?.truth ?? false)
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        // What begins as JSON and isn't is half of something, and no token.
        guard text.first != "{", text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(step: "it holds no token", code: 0)
        }
        return text.isEmpty ? nil : KeptRefreshToken(text)
    }

    public func save(_ token: KeptRefreshToken?) async throws {
        let json = JSONValue.object(of: [
            "refresh_token": token.map { .string($0.token) }, "may_be_spent": token.map { .bool($0.mayBeSpent) },
        ])
        let made = file.path + ".\(UInt64.random(in: .min ... .max))"
        do {
            try Self.write(json.bytes, to: made)
            guard rename(made, file.path) == 0 else { throw Failure(step: "move", code: errno) }
        } catch {
            unlink(made)
            throw error
        }
        try Self.sync(folder: file.deletingLastPathComponent().path)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(step: "create", code: errno) }
        defer { close(descriptor) }
        // The process's mask may have taken rights away, and never gives any.
        guard fchmod(descriptor, 0o600) == 0 else { throw Failure(step: "protect", code: errno) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(step: "write", code: errno) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw Failure(step: "sync", code: errno) }
    }

    private static func sync(folder: String) throws {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(step: "open the folder", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(step: "sync the folder", code: errno) }
    }

    public func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        let descriptor = open(file.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(step: "open the lock", code: errno) }
        // Closing it frees the lock.
        defer { close(descriptor) }
        var waited = Duration.zero
        let step = Duration.milliseconds(50)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw Failure(step: "lock", code: errno) }
            guard waited < patience else { throw Failure(step: "another process holds the lock", code: 0) }
            try await pause(step)
            waited += step
        }
        return try await body()
    }
}
