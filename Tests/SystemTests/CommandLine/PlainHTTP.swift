import Foundation
import Testing

/// One HTTP/1.1 connection, byte for byte: a test says each header itself, also those that a client would not let it say.
///
/// Reads block a thread of their own and give up after a while.
final class PlainHTTP: Sendable {
    struct Answer: Sendable {
        var status: Int
        var head: String
        var body: String

        func object() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        }
    }

    struct Silence: Error {}

    private static let patience = 60

    private let descriptor: Int32

    init(port: Int) throws {
        #if canImport(Darwin)
        let stream = SOCK_STREAM
        #else
        let stream = Int32(SOCK_STREAM.rawValue)
        #endif
        descriptor = socket(AF_INET, stream, 0)
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isOpen = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isOpen, "Nothing listens on port \(port).")
    }

    deinit { close(descriptor) }

    /// Asks, and reads the answer to the end of the connection.
    static func ask(_ method: String, _ path: String, port: Int, headers: [String]? = nil) async throws -> Answer {
        let connection = try PlainHTTP(port: port)
        let lines = headers ?? ["Host: 127.0.0.1:\(port)"]
        try connection.send((["\(method) \(path) HTTP/1.1"] + lines + ["Connection: close", "", ""]).joined(separator: "\r\n"))
        let text = try await connection.read { _ in false }
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = text.prefix(40).split(separator: " ")
        return Answer(
            status: words.count > 1 ? Int(words[1]) ?? 0 : 0, head: String(parts.first ?? ""),
            body: parts.count > 1 ? String(parts[1]) : "")
    }

    func send(_ text: String) throws {
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    }

    /// What comes, until it is enough or the other side is done.
    func read(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { [self] in
                continuation.resume(with: Result { try readNow(until: isEnough) })
            }
        }
    }

    private func readNow(until isEnough: (String) -> Bool) throws -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Silence() }
            bytes += piece.prefix(count)
            let text = String(decoding: bytes, as: UTF8.self)
            if count == 0 || isEnough(text) { return text }
        }
    }
}
